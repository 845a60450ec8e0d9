import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Reported, reportRuns } from '../../../src/projections/reporting.ts';
import type { Progress } from '../../../src/projections/runner/following.ts';
import { type Failure, runState } from '../../../src/store/state/runs.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** A runner of one partition that a test moves, and its reports. */
const stage = (by: 'attached' | 'server' = 'attached') => {
  const store = memoryStore();
  const put = vi.spyOn(store, 'put');
  const failures = new Map<string, Failure>();
  const at = { state: 'catching-up' as Progress['state'], applied: 0, head: 100, events: 0 };
  const runner: Reported = {
    progress: () => [{ partition: 0, state: at.state, applied: at.applied, head: at.head }],
    failures: () => failures,
    get counters() {
      return { events: at.events };
    },
  };
  const collections = { a: 'a_v1', b: 'b_v2' };
  const stop = reportRuns({
    ...{ store, runner, by, now: Date.now },
    runs: [
      {
        ...{ name: 'a', version: 1 },
        get collection() {
          return collections.a;
        },
      },
      { name: 'b', version: 2, collection: collections.b },
    ],
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const row = (id: string) => runState(store).get(id);
  return { store, put, failures, at, collections, stop, pass, row };
};

describe('what a runner tells', () => {
  test('a row for each projection, at once', async () => {
    const { pass, row } = stage();
    await pass(0);
    expect(await row('a_v1')).toMatchObject({
      ...{ id: 'a_v1', name: 'a', version: 1, by: 'attached', state: 'catching-up' },
      ...{ since: 1_000_000, at: 1_000_000, applied: [0], heads: [100], events: 0, rate: 0 },
      runner: expect.stringMatching(new RegExp(`^.+/${process.pid}$`)),
    });
    expect(await row('b_v2')).toMatchObject({ name: 'b', version: 2 });
  });

  test('numbers every two seconds at most, with the rate since then; a state at once', async () => {
    const { at, pass, row, put } = stage();
    await pass(0);
    put.mockClear();
    for (let step = 0; step < 19; step++) {
      Object.assign(at, { applied: at.applied + 5, events: at.events + 50 });
      await pass(100);
    }
    expect(put).not.toHaveBeenCalled();
    await pass(100);
    expect(put).toHaveBeenCalledTimes(2);
    expect(await row('a_v1')).toMatchObject({ applied: [95], events: 950, rate: 475 });
    at.state = 'live';
    await pass(250);
    expect(await row('a_v1')).toMatchObject({ state: 'live', rate: 475 });
  });

  test.each([
    ['server', 0],
    ['attached', 4],
  ] as const)(
    'while it follows, %s tells what moves %d times in eight seconds',
    async (by, times) => {
      const { at, pass, put } = stage(by);
      at.state = 'live';
      await pass(0);
      put.mockClear();
      for (let step = 0; step < 33; step++) {
        at.events++;
        await pass(250);
      }
      expect(put.mock.calls.filter(([, { _id }]) => _id === 'a_v1')).toHaveLength(times);
    },
  );

  test('one that is quiet is told every ten seconds', async () => {
    const { pass, put } = stage();
    await pass(0);
    put.mockClear();
    await pass(9_900);
    expect(put).not.toHaveBeenCalled();
    await pass(200);
    expect(put).toHaveBeenCalledTimes(2);
  });
});

describe('what is told when it does not just go on', () => {
  test('one that breaks is failed where it was, and the others go on', async () => {
    const { at, failures, pass, row } = stage();
    Object.assign(at, { state: 'live', applied: 40 });
    await pass(0);
    failures.set('a', { message: 'a fault', at: 5 });
    at.applied = 60;
    at.events = 20;
    await pass(2_000);
    expect(await row('a_v1')).toMatchObject({
      ...{ state: 'failed', applied: [40], failure: { message: 'a fault', at: 5 } },
    });
    expect(await row('b_v2')).toMatchObject({ state: 'live', applied: [60] });
    expect(await row('b_v2')).not.toHaveProperty('failure');
  });

  test('the end is told, with what it broke on', async () => {
    const { failures, pass, row, stop } = stage();
    await pass(0);
    failures.set('a', { message: 'a fault', at: 5 });
    await stop();
    expect(await row('a_v1')).toMatchObject({ state: 'stopped', failure: { message: 'a fault' } });
    expect(await row('b_v2')).toMatchObject({ state: 'stopped' });
    await pass(60_000);
    expect(await row('b_v2')).toMatchObject({ state: 'stopped', at: 1_000_000 });
  });

  test('a collection that was exchanged takes its row along', async () => {
    const { collections, pass, row } = stage();
    await pass(0);
    collections.a = 'a_v1_r1';
    await pass(250);
    expect(await row('a_v1')).toBeUndefined();
    expect(await row('a_v1_r1')).toMatchObject({ name: 'a' });
  });

  test('the end is not told of what somebody else runs by now', async () => {
    const { store, pass, row, stop } = stage();
    await pass(0);
    const before = await row('a_v1');
    if (before) await runState(store).report({ ...before, runner: 'other/1', state: 'live' });
    await stop();
    expect(await row('a_v1')).toMatchObject({ runner: 'other/1', state: 'live' });
    expect(await row('b_v2')).toMatchObject({ state: 'stopped' });
  });

  test('a store that is away is told when it is back', async () => {
    const { put, pass, row } = stage();
    put.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
    await pass(0);
    expect(await row('a_v1')).toBeUndefined();
    await pass(250);
    expect(await row('a_v1')).toMatchObject({ state: 'catching-up' });
  });
});
