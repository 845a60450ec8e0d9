import { expect, it, vi } from 'vitest';
import { runnerStage, stream, watched } from '../../../support/fixtures/runner-stage.ts';
import { posted } from '../../../support/generators/chatter.ts';

const stage = runnerStage();
const collectMs = 1_000;

/** A runner that has applied one commit, and what its batches were since. */
const collecting = async () => {
  const store = watched(stage.store);
  const runner = await stage.start({ store, collectMs });
  await runner.caughtUp();
  let count = 0;
  const record = (): number => stage.log.record(stream, [posted(count++)]).seq;
  record();
  await vi.advanceTimersByTimeAsync(0);
  const sizes = (): number[] => store.batches.slice(1).map(({ from, to }) => to - from);
  expect(store.batches).toHaveLength(1);
  return { runner, record, sizes };
};

it('applies what came within its time as one batch', async () => {
  const { record, sizes } = await collecting();
  for (let index = 0; index < 5; index++) record();
  await vi.advanceTimersByTimeAsync(collectMs - 1);
  expect(sizes()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sizes()).toEqual([5]);
});

it('applies earlier when many have come', async () => {
  const { record, sizes } = await collecting();
  for (let index = 0; index < 31; index++) record();
  await vi.advanceTimersByTimeAsync(100);
  expect(sizes()).toEqual([]);
  record();
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([32]);
});

it('applies immediately when a caller waits, before and while it collects', async () => {
  const { runner, record, sizes } = await collecting();
  for (const passed of [0, 100]) {
    await vi.advanceTimersByTimeAsync(passed);
    const seq = record();
    const applied = runner.whenApplied({ partition: 0, seq }, 10_000);
    await vi.advanceTimersByTimeAsync(0);
    await applied;
  }
  expect(sizes()).toEqual([1, 1]);
});

it('a stop while it collects ends it at once', async () => {
  const { runner, record } = await collecting();
  record();
  await vi.advanceTimersByTimeAsync(50);
  await runner.stop();
  expect(vi.getTimerCount()).toBe(0);
});
