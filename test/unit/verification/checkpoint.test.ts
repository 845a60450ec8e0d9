import { expect, test } from 'vitest';
import { checkpointIn, isSigned, signed } from '../../../src/verification/checkpoint.ts';
import { ensureSigningKey, signingKeyIn } from '../../../src/verification/signing-key.ts';
import { memoryVault } from '../../contract/doubles/memory-vault.ts';

const facts = { incarnation: 'log', at: 5, positions: [3, 0], heads: 2, root: 'AAAA' };

test('the key is made once and kept', async () => {
  const place = memoryVault();
  expect(await signingKeyIn(place)).toBeUndefined();
  const { publicKey } = await ensureSigningKey(place);
  expect((await ensureSigningKey(place)).publicKey).toBe(publicKey);
  expect(Buffer.from(publicKey, 'base64url')).toHaveLength(32);
});

test('a line is read back as it was signed', async () => {
  const key = await ensureSigningKey(memoryVault());
  const checkpoint = signed(facts, key);
  expect(checkpoint).toMatchObject({ v: 1, key: key.publicKey, ...facts });
  const read = checkpointIn(JSON.stringify(checkpoint));
  expect(read).toEqual(checkpoint);
  expect(read && isSigned(read)).toBe(true);
});

test('whatever is changed, the signature does not fit', async () => {
  const checkpoint = signed(facts, await ensureSigningKey(memoryVault()));
  const other = await ensureSigningKey(memoryVault());
  const changes = [
    { incarnation: 'other' },
    { at: 6 },
    { positions: [2, 0] },
    { heads: 3 },
    { root: 'AAAB' },
    { key: other.publicKey },
    { key: 'none' },
    { signature: '' },
  ];
  for (const change of changes) expect(isSigned({ ...checkpoint, ...change })).toBe(false);
});

test('what is no checkpoint is none', () => {
  const lines = ['', 'x', '1', 'null', '[]', '{}', JSON.stringify({ v: 2, ...facts })];
  expect(lines.map(checkpointIn)).toEqual(lines.map(() => undefined));
});
