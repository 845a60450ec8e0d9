import { expect, test } from 'vitest';
import { AppendQueue } from '../../../../../src/engine/embedded/lmdb-log/append-queue.ts';
import type { NewCommit } from '../../../../../src/engine/embedded/lmdb-log/commit-store.ts';
import { type Aggregate, nameAggregate } from '../../../../../src/events/aggregate.ts';
import { hashOf } from '../../../../../src/events/codec.ts';
import { AppendFailure, emptyTail, type Tail } from '../../../../../src/events/log.ts';
import {
  aStreamAggregate,
  commitAfter,
  posted,
  reasonOf,
} from '../../../../support/fixtures/log-fixtures.ts';

/** A disk whose writes the test lets succeed or fail, one by one. */
const disk = () => {
  const tails = new Map<Aggregate, Tail>();
  const batches: (readonly NewCommit[])[] = [];
  const durable: number[] = [];
  let finish: { done(): void; fail(failure: AppendFailure): void } | undefined;
  let begun = (): void => undefined;
  const queue = new AppendQueue({
    partitions: 1,
    last: () => 10,
    tail: (aggregate) => tails.get(aggregate) ?? emptyTail,
    write: (commits) =>
      new Promise((done, fail) => {
        batches.push(commits);
        finish = { done, fail };
        begun();
      }),
    durable: ({ aggregate, seq }, tail) => {
      tails.set(aggregate, tail);
      durable.push(seq);
    },
  });
  /** Waits until a write has begun, and ends it. */
  const end = async (failure?: AppendFailure): Promise<void> => {
    if (!finish) {
      await new Promise<void>((resolve) => {
        begun = resolve;
      });
    }
    const { done, fail } = finish ?? {};
    finish = undefined;
    if (failure) fail?.(failure);
    else done?.();
  };
  const append = async (aggregate: Aggregate, after: Tail, events = [posted()]): Promise<Tail> =>
    await queue.append(aggregate, commitAfter(after, events), after);
  return { queue, append, end, batches, durable };
};

const full = new AppendFailure('full', 'no room');

test('what comes while one write is on its way goes into the next together', async () => {
  const { append, end, batches, durable } = disk();
  const first = [append(aStreamAggregate(), emptyTail), append(aStreamAggregate(), emptyTail)];
  const ending = end();
  await Promise.all([ending, ...first]);
  const later = Array.from({ length: 5 }, () => append(aStreamAggregate(), emptyTail));
  await end();
  await Promise.all(later);
  expect(batches.map((batch) => batch.map(({ seq }) => seq))).toEqual([
    [11, 12],
    [13, 14, 15, 16, 17],
  ]);
  expect(durable).toEqual([11, 12, 13, 14, 15, 16, 17]);
});

test('nothing is acknowledged before the write has ended', async () => {
  const { append, end, durable } = disk();
  let acknowledged = false;
  const appending = append(aStreamAggregate(), emptyTail).then(() => {
    acknowledged = true;
  });
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect({ acknowledged, durable }).toEqual({ acknowledged: false, durable: [] });
  await end();
  await appending;
  expect(durable).toEqual([11]);
});

test('when a write fails, what built on it conflicts, and what did not goes on', async () => {
  const { append, end, batches, durable } = disk();
  const hit = aStreamAggregate();
  const other = aStreamAggregate();
  const first = append(hit, emptyTail);
  const failing = reasonOf(first);
  await new Promise(setImmediate);
  // The caller guesses the tail before it is acknowledged: the port does not forbid it.
  const bytes = batches[0]?.[0]?.bytes ?? new Uint8Array();
  const guessed = { n: 1, hash: hashOf(bytes), seq: 11 };
  const behind = reasonOf(append(hit, guessed));
  const beside = append(other, emptyTail);
  await end(full);
  expect(await failing).toBe('full');
  expect(await behind).toBe('conflict');
  await end();
  await beside;
  expect(durable).toEqual([13]);

  const again = append(hit, emptyTail);
  await end();
  expect((await again).n).toBe(1);
});

test('an append is checked against what is on its way, at once', async () => {
  const { append, end } = disk();
  const aggregate = aStreamAggregate();
  const first = append(aggregate, emptyTail);
  expect(await reasonOf(append(aggregate, emptyTail))).toBe('conflict');
  await end();
  const tail = await first;
  expect(await reasonOf(append(aggregate, emptyTail))).toBe('conflict');
  const second = append(aggregate, tail);
  await end();
  expect((await second).n).toBe(2);
});

test('a name that fits into no key is refused before anything is written', async () => {
  const { append, batches } = disk();
  const long = nameAggregate('ü'.repeat(300));
  await expect(append(long, emptyTail)).rejects.toThrow(RangeError);
  expect(batches).toEqual([]);
});

test('what waits is bounded', async () => {
  const { append, queue } = disk();
  const large = posted('x'.repeat(250_000));
  const refused: string[] = [];
  for (let count = 0; count < 600; count++) {
    void reasonOf(append(aStreamAggregate(), emptyTail, [large])).then((reason) =>
      refused.push(reason),
    );
  }
  await new Promise(setImmediate);
  expect(new Set(refused)).toEqual(new Set(['unavailable']));
  expect(refused.length).toBeGreaterThan(30);
  expect(queue).toBeDefined();
});

test('work in between waits for the write before it, and the next write for it', async () => {
  const { queue, append, end, batches } = disk();
  const order: string[] = [];
  const first = append(aStreamAggregate(), emptyTail).then(() => order.push('first'));
  await new Promise(setImmediate);
  const work = queue.between(async () => {
    await new Promise(setImmediate);
    order.push('work');
  });
  const second = append(aStreamAggregate(), emptyTail).then(() => order.push('second'));
  expect(batches).toHaveLength(1);
  await end();
  await Promise.all([first, work]);
  await end();
  await second;
  expect(order).toEqual(['first', 'work', 'second']);
});

test('after closing nothing is taken, and closing waits for what is on its way', async () => {
  const { queue, append, end } = disk();
  const first = append(aStreamAggregate(), emptyTail);
  const closing = queue.close();
  expect(await reasonOf(append(aStreamAggregate(), emptyTail))).toBe('unavailable');
  await end();
  await Promise.all([first, closing]);
});
