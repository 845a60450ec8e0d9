import { afterEach, beforeEach, expect, test } from 'vitest';
import { lagMax } from '../../../../src/projections/building/building.ts';
import { serveModels } from '../../../../src/projections/building/serving.ts';
import { collectionOf, type Projection } from '../../../../src/projections/projection.ts';
import { claimRebuild } from '../../../../src/projections/rebuild/claim.ts';
import { origins } from '../../../../src/store/origins.ts';
import { type ReadStore, StoreUnavailable } from '../../../../src/store/store.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { type MemoryStore, memoryStore } from '../../../contract/doubles/memory-store.ts';
import { until } from '../../../support/checkers/waiting.ts';
import { s, stream } from '../../../support/fixtures/runner-stage.ts';
import { counts, posted, texts } from '../../../support/generators/chatter.ts';

/** A version of `counts` whose documents have another form. */
const raised: Projection = { ...counts, version: 2 };
/** One whose queries can read those of the version before. */
const compatible: Projection = { ...raised, earlier: counts };
/** Still far behind after a first part of a build. */
const far = lagMax + 500;

let log: MemoryLog;
let store: MemoryStore;
let errors: Error[];
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  log = memoryLog();
  store = memoryStore();
  errors = [];
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const post = (from: number, to: number): void => {
  for (let index = from; index < to; index++) log.record(stream, [posted(index)]);
};

const serve = async (projections: readonly Projection[], through: ReadStore = store) => {
  const serving = await serveModels({
    ...{ log, store: through, projections, collectMs: 0, graceMs: 0, say: () => undefined },
    onError: (error) => errors.push(error),
    ...{ now: Date.now, monotonic: () => performance.now() },
  });
  ends.push(() => serving.stop());
  return serving;
};

/** What a program of the version before has left behind. */
const leaveEarlier = async (): Promise<void> => {
  post(0, far);
  const { runner, stop } = await serve([texts, counts]);
  await runner.caughtUp();
  await stop();
};

/** A store that stores nothing more for a collection from some position on, until it is let go. */
const stuckAt = (collection: string, seq: number) => {
  const state = { isStuck: true };
  const apply: ReadStore['apply'] = async (batch) => {
    if (state.isStuck && batch.projections.includes(collection) && batch.to > seq) {
      throw new StoreUnavailable('stuck');
    }
    return store.apply(batch);
  };
  return { state, through: { ...store, apply } };
};

const countsIn = (logical: string) => store.contents(logical)[s]?.posted;

test('a model of a raised version is built beside the others, which are read and kept up to date meanwhile', async () => {
  await leaveEarlier();
  const { state, through } = stuckAt('counts_v2', 300);
  const { store: reads, runner, building } = await serve([texts, raised], through);
  await until(async () => (await store.checkpoint('counts_v2', 0)) > 0);
  expect(building()).toMatchObject({ models: ['counts'], total: far });
  await expect(reads.get('counts_v2', s)).rejects.toThrow('counts is being built');
  post(far, far + 5);
  await runner.caughtUp();
  expect(await reads.count('texts_v1', {}, 2 * far)).toBe(far + 5);
  await expect(
    claimRebuild({
      ...{ store, logical: 'counts_v2', incarnation: log.info.incarnation, by: 'another' },
    }),
  ).rejects.toThrow('counts_v2 is being built by the server');
  state.isStuck = false;
  await until(() => building() === undefined);
  expect(await reads.get('counts_v2', s)).toMatchObject({ posted: far + 5 });
  post(far + 5, far + 6);
  await runner.caughtUp();
  expect(await reads.get('counts_v2', s)).toMatchObject({ posted: far + 6 });
  await until(async () => (await store.get(origins.name, 'counts_v1')) === undefined);
  expect(store.contents('counts_v1')).toEqual({});
  expect(await store.get(origins.name, 'counts_v2')).not.toHaveProperty('building');
  expect(errors).toEqual([]);
});

test('a model of a raised version is continued where a server that was killed had left it', async () => {
  await leaveEarlier();
  const first = await serve([texts, raised], stuckAt('counts_v2', 300).through);
  await until(async () => (await store.checkpoint('counts_v2', 0)) > 0);
  await first.stop();
  const left = await store.checkpoint('counts_v2', 0);
  expect([left > 0, left < far]).toEqual([true, true]);
  const { building, store: reads } = await serve([texts, raised]);
  await until(() => building() === undefined);
  expect(await reads.get('counts_v2', s)).toMatchObject({ posted: far });
});

test('a model of a raised version is read in the form of the version before, if that can be, until it is built', async () => {
  await leaveEarlier();
  const { state, through } = stuckAt('counts_v2', 300);
  const { store: reads, runner, building } = await serve([texts, compatible], through);
  expect(building()?.models).toEqual([]);
  post(far, far + 5);
  await runner.caughtUp();
  expect(await reads.get('counts_v2', s)).toMatchObject({ posted: far + 5 });
  expect(countsIn('counts_v1')).toBe(far + 5);
  state.isStuck = false;
  await until(() => building() === undefined);
  post(far + 5, far + 6);
  await runner.caughtUp();
  expect(await reads.get('counts_v2', s)).toMatchObject({ posted: far + 6 });
  await until(async () => (await store.get(origins.name, 'counts_v1')) === undefined);
  expect(errors).toEqual([]);
});

test('a model of a raised version that throws stops alone, and the version before is kept', async () => {
  await leaveEarlier();
  const broken: Projection = {
    ...raised,
    on: {
      'message-posted': ({ d }) => {
        if (d.m > 100) throw new Error('broken');
        return [];
      },
    },
  };
  const { store: reads, runner, building } = await serve([texts, broken]);
  await until(() => building() === undefined);
  await expect(reads.get('counts_v2', s)).rejects.toThrow('counts has stopped');
  expect([...runner.failures().keys()]).toEqual(['counts']);
  post(far, far + 1);
  await runner.caughtUp();
  expect(await reads.count('texts_v1', {}, 2 * far)).toBe(far + 1);
  expect(countsIn('counts_v1')).toBe(far);
});

test('models that are all behind catch up together, and none is read before', async () => {
  post(0, far);
  const { state, through } = stuckAt('texts_v1', 0);
  const { store: reads, building, isCatchingUp } = await serve([texts, counts], through);
  expect([isCatchingUp(), building()?.models]).toEqual([true, ['texts', 'counts']]);
  await expect(reads.find('texts_v1', {})).rejects.toThrow('texts is being built');
  state.isStuck = false;
  await until(() => building() === undefined);
  expect(await reads.get('counts_v1', s)).toBeDefined();
  expect(collectionOf(counts)).toBe('counts_v1');
});

test('a model that is a little behind is followed with the others', async () => {
  await leaveEarlier();
  const { stop } = await serve([texts, counts]);
  await stop();
  post(far, far + lagMax);
  const { building } = await serve([texts, counts]);
  expect(building()).toBeUndefined();
});
