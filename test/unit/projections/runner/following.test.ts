import { expect, it, onTestFinished, vi } from 'vitest';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import { eventKey } from '../../../../src/events/event-key.ts';
import type { EventLog } from '../../../../src/events/log.ts';
import { projection } from '../../../../src/projections/projection.ts';
import type { Progress } from '../../../../src/projections/runner/following.ts';
import { StoreUnavailable } from '../../../../src/store/store.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { gate, runnerStage, s, stream, watched } from '../../../support/fixtures/runner-stage.ts';
import {
  circleNumber,
  counts,
  edited,
  numbered,
  posted,
  stamped,
  streamNumber,
  texts,
} from '../../../support/generators/chatter.ts';

const stage = runnerStage();

it('applies what was there before and what comes after', async () => {
  stage.log.record(stream, [posted(0, 'old')]);
  const runner = await stage.start();
  await runner.caughtUp();
  const { seq } = stage.log.record(stream, [posted(1, 'new'), edited(0, 'changed')]);
  await runner.whenApplied({ partition: 0, seq }, 1_000);
  expect(stage.store.contents('texts_v1')).toEqual({
    [`${s}/${numbered(0)}`]: { _id: `${s}/${numbered(0)}`, n: 1, text: 'changed', edits: 1 },
    [`${s}/${numbered(1)}`]: { _id: `${s}/${numbered(1)}`, n: 2, text: 'new', edits: 0 },
  });
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 2, last: 2 });
  expect(runner.counters).toEqual({ events: 3, batches: 2 });
});

it('prepares the collections under their physical names before it uses them', async () => {
  const calls: string[] = [];
  const runner = await stage.start({
    store: {
      ...stage.store,
      async prepare(specs) {
        calls.push(...specs.map(({ name }) => name));
      },
      async checkpoint(name) {
        calls.push(`checkpoint of ${name}`);
        return 0;
      },
    },
  });
  await runner.stop();
  expect(calls).toEqual([
    'texts_v1',
    'counts_v1',
    'checkpoint of texts_v1',
    'checkpoint of counts_v1',
  ]);
});

it('tells each projection where an event happened, and its number', async () => {
  const seen: unknown[] = [];
  const spy = projection({
    name: 'spy',
    version: 3,
    indexes: [],
    on: {
      'message-posted': ({ n, seq, d, by, at }, context) => {
        seen.push({ n, seq, m: d.m, by, at, context });
        return [];
      },
      'member-joined': ({ n }, context) => {
        seen.push({ n, context });
        return [];
      },
    },
  });
  stage.log.record(circleNumber(2), [stamped('member-joined', { user: numbered(5) })]);
  stage.log.record(stream, [edited(0, 'x'), posted(4)]);
  await (await stage.start({ projections: [spy] })).caughtUp();
  const [circle, at, by] = [numbered(2), 1_700_000_000_000, numbered(0)];
  const c = numbered(1);
  expect(seen).toEqual([
    { n: 1, context: { aggregate: circleNumber(2), id: circle, circle } },
    { n: 2, seq: 2, m: 5, by, at, context: { aggregate: stream, id: c, circle: c, s } },
  ]);
});

it('places writes by commit and by event in the commit', async () => {
  const seen = watched(stage.store);
  stage.log.record(stream, [posted(0)]);
  stage.log.record(stream, [edited(0, 'a'), posted(1)]);
  await (await stage.start({ store: seen, projections: [texts] })).caughtUp();
  const places = seen.batches.flatMap(({ writes }) => writes.map(({ place }) => place));
  expect(places).toEqual([eventKey(1, 0), eventKey(2, 0), eventKey(2, 1)]);
  expect(seen.batches).toMatchObject([{ projections: ['texts_v1'], from: 0, to: 2 }]);
});

it('skips events of a kind or a version that it does not know', async () => {
  const unknown = { ...posted(7), k: 'message-sung' } as unknown as LoggedEvent;
  stage.log.record(stream, [unknown, posted(0), { ...posted(8), v: 99 }]);
  const runner = await stage.start();
  await runner.caughtUp();
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 1, last: 2 });
  expect(runner.applied(0)).toBe(1);
});

it('follows partitions independently of each other', async () => {
  stage.log = memoryLog({ partitions: 2 });
  const aggregates = [1, 2, 3, 4, 5, 6, 7, 8].map(streamNumber);
  const shut = gate();
  const seen = watched(stage.store, ({ partition }) => (partition === 0 ? shut.opened : undefined));
  const runner = await stage.start({ store: seen });
  for (const aggregate of aggregates) stage.log.record(aggregate, [posted(0)]);
  await runner.whenApplied({ partition: 1, seq: await stage.log.head(1) }, 1_000);
  expect(runner.applied(0)).toBe(0);
  shut.open();
  await runner.caughtUp();
  expect(Object.keys(stage.store.contents('counts_v1'))).toHaveLength(8);
});

it('lets a projection that is behind catch up alone, then both go on together', async () => {
  const first = await stage.start({ projections: [texts] });
  for (let i = 0; i < 3; i++) stage.log.record(stream, [posted(i)]);
  await first.caughtUp();
  await first.stop();
  for (let i = 3; i < 5; i++) stage.log.record(stream, [posted(i)]);
  const seen = watched(stage.store);
  await (await stage.start({ store: seen })).caughtUp();
  expect(seen.batches.map(({ projections, from, to }) => [projections, from, to])).toEqual([
    [['counts_v1'], 0, 3],
    [['texts_v1', 'counts_v1'], 3, 5],
  ]);
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 5 });
});

it('has one batch in flight, and takes with the next all that has collected meanwhile', async () => {
  const shut = gate();
  const seen = watched(stage.store, () => shut.opened);
  const runner = await stage.start({ store: seen });
  for (let i = 0; i < 10; i++) {
    stage.log.record(stream, [posted(i)]);
    await Promise.resolve();
    await Promise.resolve();
  }
  expect(seen.batches).toHaveLength(1);
  shut.open();
  await runner.caughtUp();
  expect(seen.batches.map(({ writes }) => writes.length)).toEqual([2, 18]);
});

/** A clock that stands still: no batch ends early because the machine is slow. */
const stopClock = (): void => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
};

it('keeps batches to 2,000 events', async () => {
  stopClock();
  const seen = watched(stage.store);
  const hundred = Array.from({ length: 100 }, () => posted(0));
  for (let i = 0; i < 30; i++) stage.log.record(stream, hundred);
  await (await stage.start({ store: seen, projections: [counts] })).caughtUp();
  expect(seen.batches.map(({ writes }) => writes.length)).toEqual([2_000, 1_000]);
});

it('keeps batches to 1 MiB', async () => {
  stopClock();
  const seen = watched(stage.store);
  for (let i = 0; i < 12; i++) stage.log.record(stream, [posted(i, 'x'.repeat(200 * 1024))]);
  await (await stage.start({ store: seen, projections: [counts] })).caughtUp();
  expect(seen.batches.map(({ writes }) => writes.length)).toEqual([5, 5, 2]);
});

it('ends a batch early where a projection takes its time over the events', async () => {
  const seen = watched(stage.store);
  let ms = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => ms);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const slow = projection({
    ...{ name: 'slow', version: 1, indexes: [] },
    on: {
      'message-posted': ({ d }) => {
        ms += 20;
        return [{ insertOne: { document: { _id: d.id } } }];
      },
    },
  });
  for (let i = 0; i < 7; i++) stage.log.record(stream, [posted(i)]);
  await (await stage.start({ store: seen, projections: [slow] })).caughtUp();
  expect(seen.batches.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [3, 6],
    [6, 7],
  ]);
});

it('takes once what it finds both in the scan and in the live log', async () => {
  const seen = watched(stage.store);
  const late: EventLog = {
    ...stage.log,
    async *scan(...args) {
      for (let i = 0; i < 3; i++) stage.log.record(stream, [posted(i)]);
      yield* stage.log.scan(...args);
      stage.log.record(stream, [posted(3)]);
    },
  };
  const runner = await stage.start({ log: late, store: seen, projections: [counts] });
  await runner.whenApplied({ partition: 0, seq: 4 }, 1_000);
  const places = seen.batches.flatMap(({ writes }) => writes.map(({ place }) => place));
  expect(places).toEqual([1, 2, 3, 4].map((seq) => eventKey(seq, 0)));
  expect(seen.batches.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [3, 4],
  ]);
});

it('goes back to the log when more arrives than it may keep', async () => {
  const shut = gate();
  const seen = watched(stage.store, () => shut.opened);
  const states: string[] = [];
  const runner = await stage.start({
    store: seen,
    projections: [counts],
    onProgress: ({ state }) => states.push(state),
  });
  stage.log.record(stream, [posted(0)]);
  while (seen.batches.length === 0) await Promise.resolve();
  for (let i = 1; i <= 4_200; i++) stage.log.record(stream, [posted(i)]);
  shut.open();
  await runner.caughtUp();
  stage.log.record(stream, [posted(4_201)]);
  await runner.caughtUp();
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 4_202, last: 4_202 });
  expect(states.filter((state) => state === 'catching-up')).not.toHaveLength(0);
});

it('copes with places that skip', async () => {
  stage.log = memoryLog({ step: () => 7 });
  for (let i = 0; i < 3; i++) stage.log.record(stream, [posted(i)]);
  const runner = await stage.start();
  await runner.caughtUp();
  expect(runner.applied(0)).toBe(21);
});

it('finishes the batch in flight when it is stopped, and then touches nothing', async () => {
  const shut = gate();
  const seen = watched(stage.store, () => shut.opened);
  const runner = await stage.start({ store: seen });
  stage.log.record(stream, [posted(0)]);
  while (seen.batches.length === 0) await Promise.resolve();
  stage.log.record(stream, [posted(1)]);
  const stopped = runner.stop();
  shut.open();
  await stopped;
  stage.log.record(stream, [posted(2)]);
  await Promise.resolve();
  expect(seen.batches).toHaveLength(1);
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 1 });
  expect(runner.applied(0)).toBe(1);
});

it('can be stopped in the middle of a pause', async () => {
  const runner = await stage.start({
    store: {
      ...stage.store,
      async checkpoint() {
        throw new StoreUnavailable('away');
      },
    },
  });
  await runner.stop();
  expect(runner.progress()).toMatchObject([{ state: 'stopped' }]);
  expect(vi.getTimerCount()).toBe(0);
});

it('reports at most four times a second, the newest in the end, and each change of state', async () => {
  const told: Progress[] = [];
  const runner = await stage.start({ onProgress: (progress) => told.push(progress) });
  await runner.caughtUp();
  for (let i = 0; i < 200; i++) {
    stage.log.record(stream, [posted(i)]);
    await runner.caughtUp();
  }
  expect(told.length).toBeLessThan(5);
  await vi.advanceTimersByTimeAsync(250);
  expect(told.at(-1)).toEqual({ partition: 0, state: 'live', applied: 200, head: 200 });
  await runner.stop();
  expect(told.at(-1)).toMatchObject({ state: 'stopped' });
});

it('knows how far it has to go', async () => {
  const shut = gate();
  for (let i = 0; i < 4; i++) stage.log.record(stream, [posted(i)]);
  const runner = await stage.start({ store: watched(stage.store, () => shut.opened) });
  stage.log.record(stream, [posted(4)]);
  expect(runner.progress()).toEqual([{ partition: 0, state: 'catching-up', applied: 0, head: 5 }]);
  shut.open();
  await runner.caughtUp();
  expect(runner.progress()).toMatchObject([{ applied: 5, head: 5 }]);
});
