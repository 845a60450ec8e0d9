import { expect, test } from 'vitest';
import { catchUp, lagMax, textOf } from '../../../../src/projections/building/building.ts';
import type { Progress } from '../../../../src/projections/runner/following.ts';

const stage = (heads: readonly number[], applied: readonly number[]) => {
  const at = { ms: 0, applied: [...applied], state: 'catching-up' as Progress['state'] };
  const progress = () =>
    at.applied.map((seq, partition) => ({ partition, applied: seq, state: at.state }));
  const building = catchUp({
    ...{ models: ['messages'], runner: { progress }, heads },
    monotonic: () => at.ms,
  });
  return { at, building };
};

test('what is built counts up to what the log held at the start, with rate and time left', () => {
  const { at, building } = stage([60_000, 40_000], [10_000, 0]);
  expect(building()).toEqual({
    ...{ models: ['messages'], applied: 10_000, total: 100_000, percent: 10, rate: 0 },
  });
  Object.assign(at, { ms: 5_000, applied: [30_000, 30_000] });
  const now = building();
  expect(now).toMatchObject({ applied: 60_000, percent: 60, rate: 10_000, secondsLeft: 4 });
  expect(now && textOf(now)).toBe(
    'read models are being built from the log: 60 % (60000 of 100000 commits, 10000/s, about 4 s left)',
  );
  // What has come since is not waited for.
  Object.assign(at, { applied: [90_000, 39_999] });
  expect(building()).toBeUndefined();
});

test('a restart with a few commits to apply builds nothing', () => {
  expect(stage([lagMax], [0]).building()).toBeUndefined();
  expect(stage([lagMax + 1], [0]).building()).toBeDefined();
});

test('once built, a lag is not a build again', () => {
  const { at, building } = stage([5_000], [0]);
  expect(building()).toBeDefined();
  at.applied = [4_500];
  expect(building()).toBeUndefined();
  at.applied = [0];
  expect(building()).toBeUndefined();
});

test('a runner that has failed builds nothing', () => {
  const { at, building } = stage([5_000], [0]);
  at.state = 'failed';
  expect(building()).toBeUndefined();
});
