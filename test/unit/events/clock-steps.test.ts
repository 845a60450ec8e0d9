import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Aggregate, partitionOf } from '../../../src/events/aggregate.ts';
import {
  ClockSteps,
  clockBackMs,
  rawClockBackMs,
  usualBackMs,
} from '../../../src/events/clock-steps.ts';
import { encode } from '../../../src/events/codec.ts';
import { emptyTail, type Tail } from '../../../src/events/log.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { epochMs } from '../../support/fixtures/given.ts';
import { posted, streamNumber } from '../../support/generators/chatter.ts';

const parameters = { seed: 20_261_129, numRuns: 150, verbose: 1 } as const;

/** What the clock does before the next commit, of how many events, to which stream; and whether another process continues. */
const step = fc.record({
  ms: fc.oneof(fc.integer({ min: -1500, max: 5000 }), fc.integer({ min: -9e8, max: 9e8 })),
  count: fc.integer({ min: 1, max: 3 }),
  stream: fc.constantFrom(1, 2, 3),
  restarts: fc.boolean(),
});

/** By how much a time is earlier than one before it, at most. */
const mostBack = (times: readonly number[]): number => {
  let top = Number.NEGATIVE_INFINITY;
  let most = 0;
  for (const time of times) {
    most = Math.max(most, top - time);
    top = Math.max(top, time);
  }
  return most;
};

/** Has a process continue where another has appended. */
const takeOver = (process: ClockSteps): ClockSteps => {
  for (const partition of [0, 1]) process.assign(partition);
  return process;
};

test(`the log knows how far its times are out of order, over processes (seed ${parameters.seed})`, () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const log = memoryLog({ partitions: 2 });
      const tails = new Map<Aggregate, Tail>();
      const times: number[][] = [[], []];
      const [first, second] = [new ClockSteps(log), new ClockSteps(log)];
      let noted = first;
      let at = epochMs;
      for (const [index, { ms, count, stream, restarts }] of steps.entries()) {
        at += ms;
        if (restarts) noted = takeOver(index % 2 === 0 ? first : second);
        const aggregate = streamNumber(stream);
        const after = tails.get(aggregate) ?? emptyTail;
        const events = Array.from({ length: count }, (_, each) => ({ ...posted(each), at }));
        const commit = { id: `c${index}`, n: after.n + 1, prev: after.hash, term: 1, events };
        tails.set(
          aggregate,
          await log.append(aggregate, await noted.complete(aggregate, commit), after),
        );
        times[partitionOf(aggregate, 2)]?.push(at);
      }
      for (const [partition, all] of times.entries()) {
        const back = await clockBackMs(log, partition);
        const most = mostBack(all);
        expect(back).toBeGreaterThanOrEqual(most);
        // The next process does not know the latest time, and supposes the worst.
        if (steps.some(({ restarts }) => restarts)) continue;
        expect(back).toBe(Math.max(usualBackMs, most));
      }
    }),
    parameters,
  ));

test('a raw log says the same as the log, and an empty one says what is usual', async () => {
  const commit = { id: 'c', n: 1, prev: '', term: 1, back: 7000, events: [posted(1)] };
  const raw = { aggregate: streamNumber(1), seq: 3, bytes: encode(commit) };
  const log = { firstFrom: async () => raw };
  expect(await rawClockBackMs(log, 0, 3)).toBe(7000);
  expect(await rawClockBackMs(log, 0, 0)).toBe(usualBackMs);
  expect(await clockBackMs(memoryLog(), 0)).toBe(usualBackMs);
});
