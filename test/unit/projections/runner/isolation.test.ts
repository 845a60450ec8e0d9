import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { partitionOf } from '../../../../src/events/aggregate.ts';
import { collectionOf, type Projection } from '../../../../src/projections/projection.ts';
import { refusingUnreadable } from '../../../../src/projections/refusing.ts';
import type { Progress } from '../../../../src/projections/runner/following.ts';
import { startRunner } from '../../../../src/projections/runner/runner.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { runnerStage, s, stream, watched } from '../../../support/fixtures/runner-stage.ts';
import {
  counts,
  edited,
  numbered,
  posted,
  streamNumber,
  texts,
} from '../../../support/generators/chatter.ts';

const stage = runnerStage();

/** The counts, but it cannot take edits. */
const broken: Projection = {
  ...counts,
  on: {
    ...counts.on,
    'message-edited': () => {
      throw new TypeError('no such field');
    },
  },
};

it('a projection that throws is left out from then on, and named with the event and its place; the others go on', async () => {
  const errors: Error[] = [];
  const told: Progress[] = [];
  const runner = await stage.start({
    projections: [texts, broken],
    onError: (error) => errors.push(error),
    onProgress: (progress) => told.push(progress),
    now: () => 1_234,
  });
  stage.log.record(stream, [posted(0)]);
  await runner.caughtUp();
  stage.log.record(stream, [posted(1), edited(0, 'x')]);
  await runner.whenApplied({ partition: 0, seq: 2 }, 1_000);
  stage.log.record(stream, [edited(0, 'y')]);
  await runner.caughtUp();

  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(`counts_v1 threw on message-edited, event 3 of ${stream}`);
  expect(errors[0]?.cause).toBeInstanceOf(TypeError);
  expect([...runner.failures()]).toEqual([
    [
      'counts',
      {
        message: errors[0]?.message,
        event: { k: 'message-edited', n: 3, aggregate: stream, position: '0:2' },
        at: 1_234,
      },
    ],
  ]);
  await runner.whenApplied({ partition: 0, seq: 3 }, 1_000);
  expect(runner.progress()).toMatchObject([{ applied: 3 }]);
  expect(runner.progress()[0]).not.toHaveProperty('error');
  expect(told.map(({ state }) => state)).not.toContain('failed');
  expect(stage.store.contents('texts_v1')[`${s}/${numbered(0)}`]).toMatchObject({ text: 'y' });
  expect(await stage.store.checkpoint('counts_v1', 0)).toBe(1);
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 1 });
});

it('a projection that throws goes on where it was once it is mended', async () => {
  for (let i = 0; i < 3; i++) stage.log.record(stream, [posted(i), edited(i, 'x')]);
  const runner = await stage.start({ projections: [texts, broken], onError: () => {} });
  await runner.caughtUp();
  await runner.stop();
  const next = await stage.start({ projections: [texts, counts] });
  await next.caughtUp();
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 3 });
  expect(next.failures().size).toBe(0);
});

it('a projection that throws is the end of a runner that has no other', async () => {
  const errors: Error[] = [];
  const runner = await stage.start({
    projections: [broken],
    onError: (error) => errors.push(error),
  });
  stage.log.record(stream, [posted(0)]);
  const waiting = expect(runner.whenApplied({ partition: 0, seq: 2 }, 1_000)).rejects.toThrow();
  stage.log.record(stream, [edited(0, 'x')]);
  await waiting;
  expect(errors).toHaveLength(1);
  expect(runner.progress()).toMatchObject([{ state: 'failed', error: errors[0] }]);
  expect(runner.failures().get('counts')).toMatchObject({ event: { n: 2 } });
  await expect(runner.whenApplied({ partition: 0, seq: 9 }, 1_000)).rejects.toBe(errors[0]);
});

it('a projection that throws and is far behind holds up nobody any more', async () => {
  const first = await stage.start({ projections: [texts] });
  stage.log.record(stream, [posted(0), edited(0, 'x')]);
  stage.log.record(stream, [posted(1)]);
  await first.caughtUp();
  await first.stop();
  const runner = await stage.start({ projections: [texts, broken], onError: () => {} });
  await runner.whenApplied({ partition: 0, seq: 2 }, 1_000);
  expect(await stage.store.checkpoint('counts_v1', 0)).toBe(0);
});

it('a projection that throws is not read any more, and the others are', async () => {
  const runner = await stage.start({ projections: [texts, broken], onError: () => {} });
  const readable = { failures: runner.failures, isBuilding: () => false };
  const store = refusingUnreadable(stage.store, [texts, broken], readable);
  expect(await store.find('counts_v1', {})).toEqual([]);
  stage.log.record(stream, [posted(0), edited(0, 'x')]);
  await runner.caughtUp();
  expect(await store.find('texts_v1', {})).toHaveLength(1);
  for (const read of [
    () => store.get('counts_v1', s),
    () => store.getMany('counts_v1', [s]),
    () => store.find('counts_v1', {}),
    () => store.count('counts_v1', {}, 1),
  ]) {
    await expect(read()).rejects.toThrow('the read model counts has stopped');
  }
  expect(await store.get('markers', 'x')).toBeUndefined();
});

it('a model that is being built is not read, and the others are', async () => {
  const runner = await stage.start();
  const readable = { failures: runner.failures, isBuilding: (name: string) => name === 'counts' };
  const store = refusingUnreadable(stage.store, [texts, counts], readable);
  expect(await store.find('texts_v1', {})).toEqual([]);
  await expect(store.find('counts_v1', {})).rejects.toThrow('the read model counts is being built');
});

it('a store that refuses what one projection writes stops that one alone', async () => {
  const errors: Error[] = [];
  const seen = watched(stage.store, ({ writes }) => {
    if (writes.some(({ collection }) => collection === 'counts_v1'))
      throw new Error('document fails validation');
  });
  const runner = await stage.start({ store: seen, onError: (error) => errors.push(error) });
  stage.log.record(stream, [posted(0)]);
  await runner.caughtUp();
  stage.log.record(stream, [edited(0, 'x')]);
  await runner.caughtUp();
  expect(errors).toHaveLength(1);
  expect(runner.failures().get('counts')?.message).toContain('document fails validation');
  expect(runner.failures().get('counts')).not.toHaveProperty('event');
  expect(stage.store.contents('texts_v1')[`${s}/${numbered(0)}`]).toMatchObject({
    text: 'x',
    edits: 1,
  });
  expect(await stage.store.checkpoint('counts_v1', 0)).toBe(0);
});

const parameters = { seed: 20_261_125, numRuns: 75, verbose: 1 } as const;
const partitions = 2;

/** Counts the events of each stream, and throws at some; `at` names them by stream and number. */
const thrower = (name: string, at: ReadonlySet<string>): Projection => {
  const project: Projection['on']['message-posted'] = ({ n }, { s: where = '', aggregate }) => {
    if (at.has(`${aggregate} ${n}`)) throw new Error('a fault of its own');
    return [
      { updateOne: { filter: { _id: where }, update: { $inc: { posted: 1 } }, upsert: true } },
    ];
  };
  return { name, version: 1, indexes: [], on: { 'message-posted': project } };
};

const contentsAfter = async (log: MemoryLog, projections: readonly Projection[]) => {
  const store = memoryStore();
  const runner = await startRunner({ log, store, projections });
  await runner.caughtUp();
  await runner.stop();
  return Object.fromEntries(
    projections.map((each) => [each.name, store.contents(collectionOf(each))]),
  );
};

it(`law of isolation, seed ${parameters.seed}: whoever throws wherever, the others have what they have without it`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 12 }))),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      fc.array(fc.nat(6), { minLength: 1, maxLength: 20 }),
      async (history, faults, delays) => {
        const log = memoryLog({ partitions });
        let at = 0;
        const store = memoryStore(async () => {
          for (let left = delays[at++ % delays.length] ?? 0; left > 0; left--)
            await Promise.resolve();
        });
        const throwers = faults.map((where, index) =>
          thrower(
            `thrower-${index}`,
            new Set(where.map(([which, n]) => `${streamNumber(which)} ${n}`)),
          ),
        );
        const projections = [texts, ...throwers, counts];
        const errors: Error[] = [];
        const runner = await startRunner({
          ...{ log, store, projections, collectMs: 0 },
          onError: (error) => errors.push(error),
        });
        const written = new Map<string, number>();
        for (const [index, which] of history.entries()) {
          const { aggregate, seq } = log.record(streamNumber(which), [posted(index)]);
          written.set(aggregate, seq);
          if (index % 3 === 0) await Promise.resolve();
        }
        await runner.caughtUp();
        for (const [aggregate, seq] of written) {
          const partition = partitionOf(aggregate as Parameters<typeof partitionOf>[0], partitions);
          await runner.whenApplied({ partition, seq }, 1_000);
        }
        await runner.stop();
        const failed = new Set(runner.failures().keys());
        expect(errors).toHaveLength(failed.size);
        const sound = projections.filter(({ name }) => !failed.has(name));
        expect(sound).toContain(texts);
        const seen = Object.fromEntries(
          sound.map((each) => [each.name, store.contents(collectionOf(each))]),
        );
        expect(seen).toEqual(await contentsAfter(log, sound));
        // A mended one goes on from where it was to what it should be.
        const mended = throwers.map(({ name }) => thrower(name, new Set()));
        const next = await startRunner({ log, store, projections: [texts, ...mended, counts] });
        await next.caughtUp();
        await next.stop();
        const after = mended.map((each) => store.contents(collectionOf(each)));
        expect(after).toEqual(Object.values(await contentsAfter(log, mended)));
      },
    ),
    parameters,
  ));

it('tells of one that throws in several partitions at once only once', async () => {
  vi.useRealTimers();
  const log = memoryLog({ partitions });
  for (let which = 1; which <= 8; which++) log.record(streamNumber(which), [edited(0, 'x')]);
  const errors: Error[] = [];
  const runner = await startRunner({
    ...{ log, store: memoryStore(), projections: [texts, broken] },
    onError: (error) => errors.push(error),
  });
  await runner.caughtUp();
  expect(errors).toHaveLength(1);
  await runner.stop();
});
