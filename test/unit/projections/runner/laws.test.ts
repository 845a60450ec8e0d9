import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { partitionOf } from '../../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import { collectionOf, type Projection } from '../../../../src/projections/projection.ts';
import type { Runner } from '../../../../src/projections/runner/following.ts';
import { startRunner } from '../../../../src/projections/runner/runner.ts';
import { StoreUnavailable } from '../../../../src/store/store.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { type MemoryStore, memoryStore } from '../../../contract/doubles/memory-store.ts';
import {
  counts,
  deleted,
  edited,
  posted,
  streamNumber,
  texts,
} from '../../../support/generators/chatter.ts';

const parameters = { seed: 20_261_124, numRuns: 150, verbose: 1 } as const;
const law = `runner, seed ${parameters.seed}`;
const partitions = 2;
const both: readonly Projection[] = [texts, counts];

/** One commit of one to three events in one of four streams. */
const commits = fc.array(
  fc.record({
    stream: fc.integer({ min: 1, max: 4 }),
    events: fc.array(
      fc.oneof(
        fc.nat(5).map((id) => posted(id, `text of ${id}`)),
        fc.nat(5).map((id) => edited(id, `edited ${id}`)),
        fc.nat(5).map(deleted),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** How many turns of the microtask queue each piece of I/O takes, over and over. */
const delays = fc.array(fc.nat(6), { minLength: 1, maxLength: 30, size: 'max' });

const turns = (pattern: readonly number[]): (() => Promise<void>) => {
  let at = 0;
  return async () => {
    for (let left = pattern[at++ % pattern.length] ?? 0; left > 0; left--) await Promise.resolve();
  };
};

const contents = (store: MemoryStore) =>
  both.map((projection) => store.contents(collectionOf(projection)));

const caughtUp = async (log: MemoryLog, store: MemoryStore): Promise<void> => {
  const runner = await startRunner({ log, store, projections: both });
  await runner.caughtUp();
  await runner.stop();
};

/** What the read models hold after one undisturbed pass. */
const onePass = async (log: MemoryLog) => {
  const store = memoryStore();
  await caughtUp(log, store);
  return contents(store);
};

const record = (log: MemoryLog, { stream, events }: { stream: number; events: LoggedEvent[] }) =>
  log.record(streamNumber(stream), events);

/** Lets the runners go on for some turns of the microtask queue, and writes at every third. */
const goOn = async (steps: number, write: () => void): Promise<void> => {
  for (let left = steps; left > 0; left--) {
    if (left % 3 === 0) write();
    await Promise.resolve();
  }
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it(`${law}: cut and restarted anywhere, with the same or fewer projections, it ends with what one pass gives`, () =>
  fc.assert(
    fc.asyncProperty(
      commits,
      delays,
      fc.array(fc.record({ after: fc.nat(60), who: fc.constantFrom([texts], [counts], both) })),
      async (history, pattern, cuts) => {
        const log = memoryLog({ partitions });
        const store = memoryStore(turns(pattern));
        const writing = [...history];
        const writeOne = (): void => {
          for (const commit of writing.splice(0, 1)) record(log, commit);
        };
        for (const { after, who } of cuts) {
          const runner = await startRunner({ log, store, projections: who });
          await goOn(after, writeOne);
          await runner.stop();
        }
        while (writing.length > 0) writeOne();
        await caughtUp(log, store);
        expect(contents(store)).toEqual(await onePass(log));
      },
    ),
    parameters,
  ));

it(`${law}: two runners on one store at once, which may also be away at times, give what one gives`, () =>
  fc.assert(
    fc.asyncProperty(commits, delays, fc.array(fc.nat(9)), async (history, pattern, outages) => {
      const log = memoryLog({ partitions });
      const store = memoryStore(turns(pattern));
      const trouble = new Set(outages);
      let calls = 0;
      const flaky = {
        ...store,
        async apply(batch: Parameters<typeof store.apply>[0]) {
          const call = calls++;
          if (call % 2 === 0 && trouble.has(call)) throw new StoreUnavailable('away');
          await store.apply(batch);
          if (trouble.has(call)) throw new StoreUnavailable('the answer is lost');
        },
      };
      const one = await startRunner({ log, store: flaky, projections: both });
      const two = await startRunner({ log, store: flaky, projections: both });
      for (const commit of history) {
        record(log, commit);
        await Promise.resolve();
      }
      const done = Promise.all([one.caughtUp(), two.caughtUp()]);
      await vi.advanceTimersByTimeAsync(60_000);
      await done;
      await Promise.all([one.stop(), two.stop()]);
      expect(contents(store)).toEqual(await onePass(log));
    }),
    parameters,
  ));

it(`${law}: never says "applied" early, however many write`, () =>
  fc.assert(
    fc.asyncProperty(commits, delays, delays, async (history, storing, writing) => {
      const log = memoryLog({ partitions });
      const store = memoryStore(turns(storing));
      const runner: Runner = await startRunner({ log, store, projections: [counts] });
      const pause = turns(writing);
      const written = new Map<string, number>();
      const waits = history.map(async (commit) => {
        await pause();
        const { aggregate, seq } = record(log, commit);
        const posts = commit.events.filter(({ k }) => k === 'message-posted').length;
        const before = (written.get(aggregate) ?? 0) + posts;
        written.set(aggregate, before);
        await runner.whenApplied({ partition: partitionOf(aggregate, partitions), seq }, 60_000);
        const row = await store.get(
          'counts_v1',
          aggregate.slice('stream.'.length).replace('.', '/'),
        );
        expect(row?.posted ?? 0).toBeGreaterThanOrEqual(before);
      });
      await Promise.all(waits);
      await runner.stop();
    }),
    parameters,
  ));
