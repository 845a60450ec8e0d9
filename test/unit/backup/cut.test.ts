import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consistentCut } from '../../../src/backup/cut.ts';
import type { Aggregate } from '../../../src/events/aggregate.ts';
import { encode } from '../../../src/events/codec.ts';
import { emptyTail } from '../../../src/events/log.ts';
import type { RawCommit, RawLog } from '../../../src/events/raw-log.ts';
import { commitAfter, posted } from '../../support/fixtures/log-fixtures.ts';

const parameters = { seed: 20_261_129, numRuns: 300 } as const;
const partitions = 3;

/** A commit on its way: when it was decided, in ms, and the step at which it was stored. */
type Made = { readonly at: number; readonly decided: number; stored: number; seq: number };

/**
 * A log that is written while it is read: before each answer some steps are taken. A step decides a commit for a
 * partition, stores the oldest one in flight, or lets a millisecond pass.
 */
const writtenLog = (steps: readonly number[]) => {
  const made = Array.from({ length: partitions }, (): Made[] => []);
  let time = 1;
  let step = 0;
  const store = (partition: number): void => {
    const next = made[partition]?.find(({ stored }) => stored === 0);
    if (!next) return;
    next.stored = step;
    next.seq = 1 + (made[partition]?.indexOf(next) ?? 0);
  };
  const take = (count: number): void => {
    for (let left = count; left > 0; left--) {
      const choice = steps[step % steps.length] ?? 0;
      step++;
      const partition = choice % partitions;
      if (choice < partitions)
        made[partition]?.push({ at: time, decided: step, stored: 0, seq: 0 });
      else if (choice < 2 * partitions) store(partition);
      else time++;
    }
  };
  const storedIn = (partition: number): Made[] =>
    made[partition]?.filter(({ stored }) => stored > 0) ?? [];
  const raw = ({ at, seq }: Made): RawCommit => ({
    seq,
    aggregate: 'user.x' as Aggregate,
    bytes: encode(commitAfter(emptyTail, [posted('', at)])),
  });
  const log = {
    info: { incarnation: 'log', partitions },
    async head(partition: number) {
      take(1 + (step % 4));
      return storedIn(partition).length;
    },
    async firstFrom(partition: number, from: number) {
      return storedIn(partition)
        .slice(from - 1, from)
        .map(raw)[0];
    },
    async *scan(partition: number, { after, upTo }: { after: number; upTo: number }) {
      yield storedIn(partition).slice(after, upTo).map(raw);
    },
  } as unknown as RawLog;
  const wait = async (ms: number): Promise<void> => {
    take(7);
    time += ms;
  };
  return { log, wait, take, made };
};

test(`a cut holds all that was acknowledged before anything in it, seed ${parameters.seed}`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 2 * partitions }), { minLength: 10, maxLength: 60 }),
      fc.nat({ max: 40 }),
      async (steps, begun) => {
        const { log, wait, take, made } = writtenLog(steps);
        take(begun);
        const cut = await consistentCut(log, wait);
        const isIn = ({ seq }: Made, partition: number): boolean =>
          seq > 0 && seq <= (cut[partition] ?? 0);
        const inside = made.flatMap((all, partition) => all.filter((one) => isIn(one, partition)));
        const newest = Math.max(0, ...inside.map(({ decided }) => decided));
        const missing = made.flatMap((all, partition) =>
          all.filter((one) => one.stored > 0 && one.stored < newest && !isIn(one, partition)),
        );
        expect(missing).toEqual([]);
      },
    ),
    parameters,
  ));
