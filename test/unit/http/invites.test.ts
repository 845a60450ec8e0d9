import { expect, test } from 'vitest';
import { caller, edgeStage } from '../../support/edge-stage.ts';

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
