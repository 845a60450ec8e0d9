import { expect, test } from 'vitest';
import { uuid7 } from '../../../../src/events/ids.ts';
import type { Vault } from '../../../../src/events/vault.ts';
import { memoryVault } from '../../../contract/doubles/memory-vault.ts';
import { caller, edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { epochMs } from '../../../support/fixtures/given.ts';

test('an invite asked for again after a crash is as it was made, however late and used [W8]', async () => {
  const { send, found, circle, store, time, key, ada, length } = await edgeStage();
  await found();
  const asked = { op: 'create-invite', input: { circle, maxUses: 5 }, key: key() };
  const first = (await send(asked)) as { body: { invite: { code: string } } };
  const { code } = first.body.invite;
  await send({ op: 'join-circle', input: { circle, invite: code }, by: caller(2) });
  const events = await length();
  // The process dies between the event and the answer that is kept.
  await store.remove('answers', `${ada.user}/${asked.key}`);
  time.ms += 60_000;
  expect(await send(asked)).toEqual(first);
  expect(await length()).toBe(events);
});

test('the code of a keyed invite follows from the key by a secret of the installation alone [W8]', async () => {
  const key = uuid7(epochMs);
  const codeIn = async (vault: Vault) => {
    const { send, found, circle } = await edgeStage({ vault });
    await found();
    const answer = await send({ op: 'create-invite', input: { circle }, key });
    return (answer as { body: { invite: { code: string } } }).body.invite.code;
  };
  const vault = memoryVault();
  const code = await codeIn(vault);
  expect(await codeIn(vault)).toBe(code);
  expect(await codeIn(memoryVault())).not.toBe(code);
});
