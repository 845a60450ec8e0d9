import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount, createUser, encodeUser, fmtCreds } from '@nats-io/jwt';
import type { Auth } from '@nats-io/transport-node';
import { expect, onTestFinished, test } from 'vitest';
import { addressOf } from '../../../../src/engine/cluster/nats-address.ts';

test.for([
  ['localhost', { servers: ['nats://localhost'], login: {} }],
  ['tls://a:4222', { servers: ['tls://a:4222'], login: { tls: {} } }],
  [
    'nats://u:p@a:1, b:2',
    { servers: ['nats://a:1', 'nats://b:2'], login: { user: 'u', pass: 'p' } },
  ],
  [
    'nats://a:1,tls://u:p@b:2/',
    { servers: ['nats://a:1', 'tls://b:2'], login: { user: 'u', pass: 'p', tls: {} } },
  ],
  ['t%40%2C%2F%25@a', { servers: ['nats://a'], login: { token: 't@,/%' } }],
  [
    'nats://u:p@ss@[::1]:4222',
    { servers: ['nats://[::1]:4222'], login: { user: 'u', pass: 'p@ss' } },
  ],
] as const)('%s', ([url, address]) => {
  expect(addressOf(url, {})).toEqual(address);
});

test.for([
  ...[
    '',
    'nats://',
    'http://a:4222',
    'nats://u:secret/x@a',
    'nats://u:1/secret@a',
    'nats://u:1?secret@a',
  ],
  ...['nats://u:1#secret@a', 'nats://u:1,secret@a', 'nats://u:secret,x@a', 'nats://u:secret%zz@a'],
  ...['nats://u:secret@a,nats://v:secret@b', 'nats://secret1@a,secret2@b'],
])('%s is refused in one line without its secrets', (url) => {
  expect(() => addressOf(url, {})).toThrow(/^[^\n]*OSHI_NATS_URL[^\n]*$/);
  expect(() => addressOf(url, {})).not.toThrow(/secret/);
});

test('a missing file is named with its setting', () => {
  const files = { OSHI_NATS_CREDENTIALS: '/nowhere/oshi.creds' };
  expect(() => addressOf('nats://a', files)).toThrow(
    'OSHI_NATS_CREDENTIALS: /nowhere/oshi.creds cannot be read (ENOENT).',
  );
});

test('renewed credentials are used; while the file is incomplete or gone, the last ones are', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-creds-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'oshi.creds');
  const write = async (): Promise<string> => {
    const [account, user] = [createAccount(), createUser()];
    const jwt = await encodeUser('oshi', user, account);
    await writeFile(path, fmtCreds(jwt, user));
    return jwt;
  };
  const first = await write();
  const { authenticator } = addressOf('nats://a', { OSHI_NATS_CREDENTIALS: path }).login;
  const used = (): Auth => (authenticator as (nonce: string) => Auth)('nonce');
  expect(used()).toMatchObject({ jwt: first });
  const second = await write();
  expect(used()).toMatchObject({ jwt: second });
  await writeFile(path, 'half');
  expect(used()).toMatchObject({ jwt: second });
  await rm(path);
  expect(used()).toMatchObject({ jwt: second });
});
