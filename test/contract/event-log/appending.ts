import { expect, test } from 'vitest';
import { partitionOf } from '../../../src/events/aggregate.ts';
import { emptyTail, type Tail } from '../../../src/events/log.ts';
import {
  aCircleAggregate,
  aStreamAggregate,
  aUserAggregate,
  commitAfter,
  everything,
  messages,
  readAll,
  Writer,
} from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

export const appendContract = (current: Current): void => {
  test('an aggregate that nobody has written has the empty tail', async () => {
    expect(await current().log.tail(aStreamAggregate())).toEqual(emptyTail);
    expect(await readAll(current().log, aStreamAggregate())).toEqual([]);
  });

  test('an append resolves with the tail, which the next commit builds on', async () => {
    const { log } = current();
    const aggregate = aStreamAggregate();
    const first = commitAfter(emptyTail, messages(3));
    const tail = await log.append(aggregate, first, emptyTail);
    expect(tail.n).toBe(3);
    expect(tail.seq).toBeGreaterThan(0);
    expect(await log.tail(aggregate)).toEqual(tail);

    const second = commitAfter(tail, messages(2));
    const end = await log.append(aggregate, second, tail);
    expect(end.n).toBe(5);
    expect(end.seq).toBeGreaterThan(tail.seq);
    const recorded = await readAll(log, aggregate);
    expect(recorded.map(({ commit }) => commit)).toEqual([first, second]);
    expect(recorded.map(({ hash }) => hash)).toEqual([tail.hash, end.hash]);
    expect(recorded.map(({ seq }) => seq)).toEqual([tail.seq, end.seq]);
    expect(recorded[1]?.commit.prev).toBe(tail.hash);
  });

  test('an acknowledged append is never missed by tail', async () => {
    const { log } = current();
    const writers = Array.from({ length: 10 }, () => new Writer(log));
    const seen = await Promise.all(
      writers.map(async (writer) => {
        const pairs: [Tail, Tail][] = [];
        for (let count = 0; count < 5; count++) {
          await writer.append();
          pairs.push([writer.tail, await log.tail(writer.aggregate)]);
        }
        return pairs;
      }),
    );
    for (const [appended, read] of seen.flat()) expect(read).toEqual(appended);
  });

  test('the order of the calls is the order in a partition', async () => {
    const { log } = current();
    const { partitions } = log.info;
    const kinds = [aStreamAggregate, aUserAggregate, aCircleAggregate];
    const calls = Array.from({ length: 34 }, () =>
      kinds.map((kind) => ({ aggregate: kind(), commit: commitAfter(emptyTail) })),
    ).flat();
    await Promise.all(
      calls.map(({ aggregate, commit }) => log.append(aggregate, commit, emptyTail)),
    );
    const recorded = await everything(log);
    expect(recorded.map(({ commit }) => commit.id)).toEqual(
      Array.from({ length: partitions }, (_, partition) =>
        calls.filter(({ aggregate }) => partitionOf(aggregate, partitions) === partition),
      )
        .flat()
        .map(({ commit }) => commit.id),
    );
  });

  test('many aggregates are written side by side', async () => {
    const { log } = current();
    const writers = Array.from({ length: 200 }, () => new Writer(log));
    await Promise.all(
      writers.map(async (writer) => {
        for (let count = 0; count < 3; count++) await writer.append(messages(2));
      }),
    );
    const tails = await Promise.all(writers.map(({ aggregate }) => log.tail(aggregate)));
    expect(tails).toEqual(writers.map(({ tail }) => ({ ...tail, n: 6 })));
    expect(await everything(log)).toHaveLength(600);
  });
};
