import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Aggregate } from '../../../src/events/aggregate.ts';
import { lastOf } from '../../../src/events/commit.ts';
import { AppendFailure, type EventLog, type Tail } from '../../../src/events/log.ts';
import {
  aStreamAggregate,
  commitAfter,
  everything,
  messages,
  readAll,
} from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

const seed = 20_260_701;
const aggregatesMax = 3;

/** One append of a writer: to which aggregate, of how many events, and whether it looks at the tail before. */
type Step = { readonly target: number; readonly events: number; readonly looks: boolean };

const steps = fc.array(
  fc.record<Step>({
    target: fc.nat({ max: aggregatesMax - 1 }),
    events: fc.integer({ min: 1, max: 4 }),
    looks: fc.boolean(),
  }),
  { maxLength: 12 },
);

type Acknowledged = { readonly aggregate: Aggregate; readonly id: string; readonly tail: Tail };

/** A writer that takes its steps one after the other, and what of it was acknowledged. */
const write = async (
  log: EventLog,
  aggregates: readonly Aggregate[],
  taken: readonly Step[],
): Promise<Acknowledged[]> => {
  const acknowledged: Acknowledged[] = [];
  const tails = new Map<Aggregate, Tail>();
  for (const { target, events, looks } of taken) {
    const aggregate = aggregates[target] ?? aStreamAggregate();
    const known = looks ? undefined : tails.get(aggregate);
    const after = known ?? (await log.tail(aggregate));
    const commit = commitAfter(after, messages(events));
    try {
      const tail = await log.append(aggregate, commit, after);
      tails.set(aggregate, tail);
      acknowledged.push({ aggregate, id: commit.id, tail });
    } catch (error) {
      if (!(error instanceof AppendFailure && error.reason === 'conflict')) throw error;
    }
  }
  return acknowledged;
};

export const logLaws = (current: Current): void => {
  test(`whatever writers do at once, chains are dense and the scan is what was acknowledged (seed ${seed})`, async () => {
    const { log } = current();
    const law = fc.asyncProperty(
      fc.array(steps, { minLength: 1, maxLength: 4 }),
      async (writers) => {
        const aggregates = Array.from({ length: aggregatesMax }, () => aStreamAggregate());
        const acknowledged = (
          await Promise.all(writers.map((taken) => write(log, aggregates, taken)))
        ).flat();
        const scanned = (await everything(log)).filter(({ aggregate }) =>
          aggregates.includes(aggregate),
        );
        expect(new Set(scanned.map(({ commit }) => commit.id))).toEqual(
          new Set(acknowledged.map(({ id }) => id)),
        );
        expect(scanned).toHaveLength(acknowledged.length);
        for (const aggregate of aggregates) {
          const read = await readAll(log, aggregate);
          expect(read).toEqual(scanned.filter((recorded) => recorded.aggregate === aggregate));
          let n = 0;
          let hash = '';
          for (const recorded of read) {
            expect(recorded.commit).toMatchObject({ n: n + 1, prev: hash });
            n = lastOf(recorded.commit);
            hash = recorded.hash;
          }
          expect(await log.tail(aggregate)).toMatchObject({ n, hash });
        }
      },
    );
    await fc.assert(law, { seed, numRuns: 25 });
  });
};
