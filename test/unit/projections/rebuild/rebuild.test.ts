import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bindToLog } from '../../../../src/projections/binding.ts';
import { openPointers, type Pointers } from '../../../../src/projections/pointers.ts';
import {
  type Pair,
  type RebuildOptions,
  rebuild,
  type Step,
} from '../../../../src/projections/rebuild/rebuild.ts';
import { followSwitchOvers } from '../../../../src/projections/rebuild/switch-over.ts';
import type { Runner } from '../../../../src/projections/runner/following.ts';
import { startRunner } from '../../../../src/projections/runner/runner.ts';
import type { Document } from '../../../../src/store/documents.ts';
import { origins } from '../../../../src/store/origins.ts';
import { Findings } from '../../../../src/verification/findings.ts';
import { compareRebuilt } from '../../../../src/verification/rebuilt.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { type MemoryStore, memoryStore } from '../../../contract/doubles/memory-store.ts';
import { until } from '../../../support/checkers/waiting.ts';
import {
  deleted,
  edited,
  numbered,
  posted,
  streamNumber,
  texts,
} from '../../../support/generators/chatter.ts';

const stream = streamNumber(1);
const id = (index: number): string => `${numbered(1)}/${numbered(1)}/${numbered(index)}`;
const pulse = { beatMs: 5, silentMs: 60 };
const logical = 'texts_v1';
const fresh = 'texts_v1_r1';

let log: MemoryLog;
let store: MemoryStore;
let findings: Findings;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  log = memoryLog();
  store = memoryStore();
  findings = new Findings();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const bind = (): Promise<void> =>
  bindToLog(store, { incarnation: log.info.incarnation, projections: [texts], say: () => {} });

const row = async (): Promise<Document | undefined> => store.get(origins.name, logical);

/** What a server is to its read models. */
const serve = async (errors: Error[] = []): Promise<{ pointers: Pointers; runner: Runner }> => {
  await bind();
  const pointers = await openPointers(store);
  const runner = await startRunner({
    ...{ log, store, projections: [texts], collectMs: 0 },
    collectionOf: () => pointers.of(logical),
  });
  const stopTaking = followSwitchOvers({
    ...{ store, pointers, projections: [texts], runner, lookMs: 2, graceMs: 20 },
    onError: (error) => errors.push(error),
  });
  ends.push(() => runner.stop(), stopTaking);
  await runner.caughtUp();
  return { pointers, runner };
};

const attempt = (more: Partial<RebuildOptions> = {}) => {
  const steps: Step['step'][] = [];
  const done = rebuild({
    ...{
      log,
      store,
      projection: texts,
      by: 'me',
      isOver: () => false,
      anew: false,
      expectSame: false,
    },
    gentleness: { writesMax: 2, pauseMs: 0 },
    compare: async (pair: Pair) => {
      const sides = { log, store, projection: texts, findings, ...pair };
      return (await compareRebuilt({ ...sides, onProgress: () => {} })).differing;
    },
    onStep: ({ step }) => steps.push(step),
    onProgress: () => {},
    signal: new AbortController().signal,
    ...{ pulse, answerMs: 30 },
    ...more,
  });
  return { steps, done };
};

const write = (from: number, to: number): void => {
  for (let index = from; index < to; index++) log.record(stream, [posted(index)]);
};

describe('beside a server', () => {
  test('it is filled, compared, switched, taken up, and the one before is dropped', async () => {
    write(0, 20);
    const { pointers } = await serve();
    const before = store.contents(logical);
    const { steps, done } = attempt();
    await done;
    expect(steps).toEqual(['filling', 'comparing', 'switched', 'taken']);
    expect(pointers.of(logical)).toBe(fresh);
    write(20, 25);
    await until(async () => (await row())?.old === undefined, 'the old one is dropped');
    expect(await row()).toEqual({
      ...{ _id: logical, incarnation: log.info.incarnation, collection: fresh },
    });
    await until(() => Object.keys(store.contents(fresh)).length === 25);
    expect(store.contents(fresh)).toMatchObject(before);
    expect(store.contents(logical)).toEqual({});
    expect(await store.checkpoint(logical, 0)).toBe(0);
    expect(findings.kept).toEqual([]);
  });

  test('whoever has seen a place never reads an older one, while others write', async () => {
    write(0, 20);
    const { pointers, runner } = await serve();
    let isOver = false;
    let next = 20;
    let seen = 0;
    const writing = (async () => {
      while (!isOver) {
        write(next, ++next);
        await sleep(1);
      }
    })();
    const reading = (async () => {
      while (!isOver) {
        const seq = runner.applied(0);
        const count = await store.count(pointers.of(logical), {}, 1e9);
        expect(count).toBeGreaterThanOrEqual(Math.max(seen, seq));
        seen = count;
        await new Promise(setImmediate);
      }
    })();
    const rebuilding = attempt({ gentleness: { writesMax: 100, pauseMs: 0 } }).done;
    await Promise.race([rebuilding, reading]);
    expect(pointers.of(logical)).toBe(fresh);
    await until(() => seen > 100);
    isOver = true;
    await Promise.all([writing, reading]);
    expect(findings.kept).toEqual([]);
  });

  test('one after the other: names come again when they are free', async () => {
    write(0, 3);
    const { pointers } = await serve();
    for (const name of ['r1', 'r2', 'r3', 'r4', 'r1']) {
      await attempt().done;
      expect(pointers.of(logical)).toBe(`${logical}_${name}`);
      write(Number(name.slice(1)) + 10, Number(name.slice(1)) + 11);
    }
    await until(() => Object.keys(store.contents(fresh)).length === 7);
  });
});

describe('what differs', () => {
  test('documents that differ are named, and right after the switch', async () => {
    write(0, 5);
    log.record(stream, [edited(1, 'new'), deleted(2)]);
    const { pointers } = await serve();
    await store.update(logical, id(1), { $set: { text: 'by hand' } });
    await store.put(logical, { _id: 'nobody', text: 'extra' });
    await store.remove(logical, id(3));
    await attempt().done;
    expect(findings.counts).toEqual({ differs: 1, lost: 1, extra: 1 });
    expect(findings.kept).toContainEqual(
      expect.objectContaining({ code: 'differs', id: id(1), live: 'by hand', rebuilt: 'new' }),
    );
    expect(Object.keys(store.contents(pointers.of(logical)))).toEqual([id(0), id(1), id(3), id(4)]);
    expect(store.contents(pointers.of(logical))[id(1)]).toMatchObject({ text: 'new', edits: 1 });
  });

  test('with --expect-same a difference leaves all as it was, and nothing behind', async () => {
    write(0, 5);
    const { pointers } = await serve();
    await store.update(logical, id(1), { $set: { text: 'by hand' } });
    const { steps, done } = attempt({ expectSame: true });
    expect(await done).toMatchObject({ step: 'abandoned' });
    expect(steps).toEqual(['filling', 'comparing', 'abandoned']);
    expect(await row()).toEqual({ _id: logical, incarnation: log.info.incarnation });
    expect(store.contents(fresh)).toEqual({});
    expect(await store.checkpoint(fresh, 0)).toBe(0);
    expect(pointers.of(logical)).toBe(logical);
  });
});

describe('an exchange', () => {
  test('an exchange that fails is told once, and the one before is read on', async () => {
    write(0, 5);
    await bind();
    const pointers = await openPointers(store);
    const errors: Error[] = [];
    let asked = 0;
    const exchange = async (): Promise<void> => {
      asked++;
      throw new Error('it threw');
    };
    const looked: number[] = [];
    const look = async () => {
      looked.push(asked);
      return pointers.look();
    };
    const seen = { ...pointers, look };
    const taking = { store, pointers: seen, projections: [texts], runner: { exchange }, lookMs: 1 };
    ends.push(followSwitchOvers({ ...taking, onError: (error) => errors.push(error) }));
    await store.update(origins.name, logical, { $set: { collection: fresh, old: logical } });
    await until(() => errors.length > 0);
    const looks = [...looked];
    await until(() => looked.length > looks.length + 3);
    expect([asked, errors.map(({ message }) => message)]).toEqual([
      1,
      [`${fresh} could not be switched over to: it threw`],
    ]);
    expect(pointers.of(logical)).toBe(logical);
    expect(await row()).toMatchObject({ old: logical });
  });
});

describe('killed', () => {
  test('while it is filled: readers see nothing of it, and the next attempt goes on at its checkpoint', async () => {
    write(0, 20);
    const { pointers } = await serve();
    const ending = new AbortController();
    const first = attempt({
      signal: ending.signal,
      store: {
        ...store,
        async apply(batch) {
          if (batch.projections.includes(fresh) && batch.from >= 10) ending.abort(new Error('end'));
          if (!ending.signal.aborted) await store.apply(batch);
        },
      },
    });
    await expect(first.done).rejects.toThrow('end');
    const reached = await store.checkpoint(fresh, 0);
    expect(reached).toBeGreaterThanOrEqual(10);
    expect(reached).toBeLessThan(20);
    expect(pointers.of(logical)).toBe(logical);
    expect(await row()).toMatchObject({ rebuilding: fresh });
    const resumed: boolean[] = [];
    let applied = 0;
    await attempt({
      onStep: (step) => 'isResumed' in step && resumed.push(step.isResumed),
      onRunner: (runner) => async () => {
        applied += runner.counters.events;
      },
    }).done;
    expect(resumed).toEqual([true]);
    expect(applied).toBe(20 - reached);
    expect(findings.kept).toEqual([]);
    expect(Object.keys(store.contents(fresh))).toHaveLength(20);
  });

  test('after the switch, and no server runs: the next attempt only waits, and the next server drops', async () => {
    write(0, 5);
    const { runner } = await serve();
    await ends.pop()?.();
    await runner.stop();
    write(5, 8);
    const { steps, done } = attempt();
    expect(await done).toEqual({ step: 'left' });
    expect(steps).toEqual(['filling', 'comparing', 'switched', 'left']);
    const again = attempt();
    expect(await again.done).toEqual({ step: 'left' });
    expect(again.steps).toEqual(['left']);
    expect(findings.kept).toEqual([]);
    const { pointers } = await serve();
    expect(pointers.of(logical)).toBe(fresh);
    await until(async () => (await row())?.old === undefined);
    expect(Object.keys(store.contents(fresh))).toHaveLength(8);
    expect(store.contents(logical)).toEqual({});
  });
});

describe('killed later', () => {
  test('a server within the exchange: the next one reads the new one, and a rebuild that waits goes on', async () => {
    write(0, 5);
    await bind();
    const pointers = await openPointers(store);
    let isAsked = false;
    const exchange = (): Promise<void> => {
      isAsked = true;
      return new Promise(() => {});
    };
    const taking = { store, pointers, projections: [texts], runner: { exchange }, lookMs: 1 };
    const stop = followSwitchOvers({ ...taking, onError: () => {} });
    const { steps, done } = attempt();
    await until(() => isAsked);
    await stop();
    expect(pointers.of(logical)).toBe(logical);
    expect(await row()).toMatchObject({ collection: fresh, old: logical, taken: 'begun' });
    expect((await serve()).pointers.of(logical)).toBe(fresh);
    expect(await done).toEqual({ step: 'taken' });
    expect(steps.at(-1)).toBe('taken');
  });
});
