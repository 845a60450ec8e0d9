import { expect, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { ReadBarrier, type SeenPositions } from '../../../src/app/read-barrier.ts';
import type { Position } from '../../../src/events/position.ts';
import { settle } from '../../support/doubles/virtual-time.ts';

/** Read models that come as far as the test says, and waits that end when it says. */
const runner = (applied: number[] = []) => {
  const waits: { at: Position; timeoutMs: number; done(): void; fail(): void }[] = [];
  return {
    waits,
    applied: (partition: number) => applied[partition] ?? 0,
    whenApplied: (at: Position, timeoutMs: number) =>
      new Promise<void>((resolve, reject) => {
        waits.push({ at, timeoutMs, done: resolve, fail: () => reject(new Error('too long')) });
      }),
  };
};

/** Notes when a promise is done, and how. */
const noted = (promise: Promise<void>) => {
  const state = { is: 'waiting', error: undefined as unknown };
  promise.then(
    () => {
      state.is = 'done';
    },
    (error: unknown) => {
      Object.assign(state, { is: 'refused', error });
    },
  );
  return state;
};

test('what is applied is shown without a wait [W18]', async () => {
  const models = runner([5]);
  await new ReadBarrier({ runner: models }).waitUntilApplied({ partition: 0, seq: 5 });
  expect(models.waits).toEqual([]);
});

test('what is not applied is waited for, up to 2 s, then refused with unavailable [W18]', async () => {
  const models = runner([5]);
  const barrier = new ReadBarrier({ runner: models });
  const [first, second] = [
    noted(barrier.waitUntilApplied({ partition: 0, seq: 6 })),
    noted(barrier.waitUntilApplied({ partition: 0, seq: 7 })),
  ];
  expect(models.waits.map(({ timeoutMs }) => timeoutMs)).toEqual([
    limits.appliedMs,
    limits.appliedMs,
  ]);
  expect(limits.appliedMs).toBe(2000);
  models.waits[0]?.done();
  models.waits[1]?.fail();
  await settle();
  expect([first.is, second.is]).toEqual(['done', 'refused']);
  expect(second.error).toMatchObject({ problem: { code: 'unavailable', retryAfter: 2000 } });
});

test('a session is ready when all is shown that it was told of, in every partition [W18]', async () => {
  const models = runner([5, 5, 5]);
  const barrier = new ReadBarrier({ runner: models });
  const seen: SeenPositions = [];
  barrier.recordAnswered(seen, { partition: 2, seq: 9 });
  barrier.recordAnswered(seen, { partition: 0, seq: 8 });
  barrier.recordAnswered(seen, { partition: 0, seq: 3 });
  const ready = noted(barrier.waitForSession(seen));
  expect(models.waits.map(({ at }) => at)).toEqual([
    { partition: 0, seq: 8 },
    { partition: 2, seq: 9 },
  ]);
  models.waits[0]?.done();
  await settle();
  expect(ready.is).toBe('waiting');
  models.waits[1]?.fail();
  await settle();
  expect(ready.is).toBe('refused');
});

test('what a session says that it has seen elsewhere is waited for like what it was told [W18]', async () => {
  const models = runner([5]);
  const barrier = new ReadBarrier({ runner: models });
  const seen: SeenPositions = [9];
  const ready = noted(barrier.waitForSession(seen));
  models.waits[0]?.fail();
  await settle();
  expect(ready.is).toBe('refused');
  const others = noted(barrier.waitForSession([]));
  await settle();
  expect(others.is).toBe('done');
});

test('what others were answered is waited for a little while, and never refused', async () => {
  const models = runner([5]);
  const barrier = new ReadBarrier({ runner: models });
  barrier.recordAnswered([], { partition: 0, seq: 9 });
  const ready = noted(barrier.waitForSession([]));
  await settle();
  expect([ready.is, models.waits[0]?.timeoutMs]).toEqual(['waiting', limits.othersMs]);
  models.waits[0]?.fail();
  await settle();
  expect(ready.is).toBe('done');
});

test('what others were answered in several partitions is waited for at the same time', async () => {
  const models = runner([5, 5]);
  const barrier = new ReadBarrier({ runner: models });
  for (const partition of [0, 1]) barrier.recordAnswered([], { partition, seq: 9 });
  const ready = noted(barrier.waitForSession([]));
  await settle();
  expect(models.waits.map(({ at }) => at.partition)).toEqual([0, 1]);
  for (const { fail } of models.waits) fail();
  await settle();
  expect(ready.is).toBe('done');
});

test('what has arrived from other nodes is waited for a little while, too', async () => {
  const models = runner([5, 5]);
  const barrier = new ReadBarrier({ runner: models, arrived: () => [5, 7] });
  const ready = noted(barrier.waitForSession([]));
  await settle();
  expect(models.waits).toMatchObject([
    { at: { partition: 1, seq: 7 }, timeoutMs: limits.othersMs },
  ]);
  expect(ready.is).toBe('waiting');
  models.waits[0]?.done();
  await settle();
  expect(ready.is).toBe('done');
});

test('of several partitions that are behind all are waited for at once', async () => {
  const models = runner([5, 5, 5]);
  const barrier = new ReadBarrier({ runner: models, arrived: () => [6, 5, 7] });
  const ready = noted(barrier.waitForSession([]));
  await settle();
  expect(models.waits.map(({ at }) => at.partition)).toEqual([0, 2]);
  for (const wait of models.waits) wait.fail();
  await settle();
  expect(ready.is).toBe('done');
});

test('while the store is away nothing is waited for: unavailable at once [W18]', async () => {
  const models = runner([5]);
  const barrier = new ReadBarrier({ runner: models, isAway: () => true });
  await barrier.waitUntilApplied({ partition: 0, seq: 5 });
  const unavailable = { problem: { code: 'unavailable', retryAfter: limits.appliedMs } };
  await expect(barrier.waitUntilApplied({ partition: 0, seq: 6 })).rejects.toMatchObject(
    unavailable,
  );
  barrier.recordAnswered([], { partition: 0, seq: 6 });
  await barrier.waitForSession([]);
  expect(models.waits).toEqual([]);
});
