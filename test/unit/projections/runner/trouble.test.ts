import { expect, it, vi } from 'vitest';
import { CodecError } from '../../../../src/events/codec.ts';
import type { EventLog } from '../../../../src/events/log.ts';
import { type ReadStore, StoreUnavailable } from '../../../../src/store/store.ts';
import { runnerStage, s, stream, watched } from '../../../support/fixtures/runner-stage.ts';
import { posted, texts } from '../../../support/generators/chatter.ts';

const stage = runnerStage();

it('tries again for ever while the store is away, and says so', async () => {
  let away = true;
  const seen = watched(stage.store, () => {
    if (away) throw new StoreUnavailable('no answer');
  });
  const runner = await stage.start({ store: seen });
  const { seq } = stage.log.record(stream, [posted(0)]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(runner.progress()).toMatchObject([
    { state: 'catching-up', applied: 0, head: seq, error: { message: 'no answer' } },
  ]);
  expect(seen.batches.length).toBeGreaterThan(10);
  expect(seen.batches.length).toBeLessThan(80);
  away = false;
  const applied = runner.whenApplied({ partition: 0, seq }, 20_000);
  await vi.advanceTimersByTimeAsync(10_000);
  await applied;
  const [progress] = runner.progress();
  expect(progress).toMatchObject({ state: 'live', applied: seq });
  expect(progress).not.toHaveProperty('error');
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 1 });
});

it('starts although the store is away', async () => {
  let away = true;
  stage.log.record(stream, [posted(0)]);
  const prepare: ReadStore['prepare'] = async () => {
    if (away) throw new StoreUnavailable('no answer');
  };
  const runner = await stage.start({ store: { ...stage.store, prepare } });
  expect(runner.progress()).toMatchObject([{ error: { message: 'no answer' } }]);
  away = false;
  const caughtUp = runner.caughtUp();
  await vi.advanceTimersByTimeAsync(1_000);
  await caughtUp;
});

it('tries again when the log cannot be read', async () => {
  let failures = 2;
  const flaky: EventLog = {
    ...stage.log,
    async *scan(...args) {
      if (failures-- > 0) throw new Error('connection lost');
      yield* stage.log.scan(...args);
    },
  };
  stage.log.record(stream, [posted(0)]);
  const runner = await stage.start({ log: flaky });
  const caughtUp = runner.caughtUp();
  await vi.advanceTimersByTimeAsync(1_000);
  await caughtUp;
  expect(failures).toBe(-1);
});

it('stops at damage in the log', async () => {
  const damaged: EventLog = {
    ...stage.log,
    async *scan() {
      yield Promise.reject(new CodecError('invalid JSON'));
    },
  };
  const errors: Error[] = [];
  const runner = await stage.start({ log: damaged, onError: (error) => errors.push(error) });
  await runner.stop();
  expect(runner.progress()).toMatchObject([{ state: 'failed' }]);
  expect(errors).toMatchObject([{ message: expect.stringContaining('invalid JSON') }]);
});

it('goes on from the checkpoints when another runner has moved them', async () => {
  let other = 0;
  const seen = watched(stage.store, async (batch) => {
    if (other++ === 0) await stage.store.apply(batch);
  });
  const runner = await stage.start({ store: seen });
  stage.log.record(stream, [posted(0)]);
  await runner.caughtUp();
  stage.log.record(stream, [posted(1)]);
  await runner.caughtUp();
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 2 });
  expect(runner.progress()).toMatchObject([{ state: 'live', applied: 2 }]);
});

it('stops when the store fails for good', async () => {
  const errors: Error[] = [];
  const seen = watched(stage.store, () => {
    throw new Error('the disk is broken');
  });
  const runner = await stage.start({ store: seen, onError: (error) => errors.push(error) });
  stage.log.record(stream, [posted(0)]);
  await expect(runner.caughtUp()).rejects.toThrow('the disk is broken');
  expect(errors).toHaveLength(1);
  expect(runner.failures().size).toBe(0);
  expect(seen.batches.map(({ projections }) => projections)).toEqual([
    ['texts_v1', 'counts_v1'],
    ['texts_v1'],
    ['counts_v1'],
  ]);
});

it('refuses read models that are ahead of the log', async () => {
  const runner = await stage.start({ store: { ...stage.store, checkpoint: async () => 12 } });
  await runner.stop();
  expect(runner.progress()).toMatchObject([
    { state: 'failed', error: { message: expect.stringContaining('drop the read models') } },
  ]);
});

it('refuses no projections, and two of one name', async () => {
  await expect(stage.start({ projections: [] })).rejects.toThrow('at least one');
  await expect(stage.start({ projections: [texts, { ...texts }] })).rejects.toThrow('texts_v1');
});
