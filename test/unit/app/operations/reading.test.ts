import { expect, test } from 'vitest';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { caller, edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { gate } from '../../../support/fixtures/runner-stage.ts';
import { numbered } from '../../../support/generators/chatter.ts';

test('a marker comes as far as the stream, also while the read models lag, and never goes back [H5]', async () => {
  const store = memoryStore();
  const lag = { until: Promise.resolve() };
  const apply: typeof store.apply = async (batch) => {
    await lag.until;
    return store.apply(batch);
  };
  const { send, found, circle } = await edgeStage({ readStore: { ...store, apply } });
  const s = await found();
  const ben = caller(2);
  const post = (id: number, by = ben) =>
    send({ op: 'post-message', by, input: { s, id: numbered(id), text: 'hello' } });
  const mark = (m: number) => send({ op: 'mark-read', input: { s, m } });
  await send({ op: 'join-circle', by: ben, input: { circle } });
  await post(10);
  expect(await mark(1)).toMatchObject({ body: { read: 1 } });
  const held = gate();
  lag.until = held.opened;
  for (const id of [11, 12, 13]) expect(await post(id)).toMatchObject({ created: true });
  expect(await mark(3)).toMatchObject({ body: { read: 3 } });
  expect(await mark(2)).toMatchObject({ body: { read: 3 } });
  expect(await mark(9)).toMatchObject({ body: { read: 4 } });
  held.open();
  expect(await mark(1)).toMatchObject({ body: { read: 4 } });
});
