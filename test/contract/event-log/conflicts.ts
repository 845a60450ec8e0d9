import { expect, test, vi } from 'vitest';
import { partitionOf } from '../../../src/events/aggregate.ts';
import { emptyTail, type Recorded } from '../../../src/events/log.ts';
import {
  aStreamAggregate,
  commitAfter,
  everything,
  reasonOf,
  Writer,
} from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

export const conflictContract = (current: Current): void => {
  test('a conflict leaves the log, its head and the listeners untouched', async () => {
    const { log } = current();
    const writer = new Writer(log);
    await writer.append();
    const stale = writer.tail;
    await writer.append();
    const partition = partitionOf(writer.aggregate, log.info.partitions);
    const before = { all: await everything(log), head: await log.head(partition) };
    const heard: Recorded[] = [];
    const live = await log.live(partition, (recorded) => heard.push(recorded));

    for (const after of [emptyTail, stale]) {
      const appending = log.append(writer.aggregate, commitAfter(after), after);
      expect(await reasonOf(appending)).toBe('conflict');
    }
    expect(await everything(log)).toEqual(before.all);
    expect(await log.head(partition)).toBe(before.head);
    expect(await log.tail(writer.aggregate)).toEqual(writer.tail);

    const next = await writer.append();
    await vi.waitFor(() => expect(heard.map(({ commit }) => commit.id)).toEqual([next.id]));
    live.stop();
  });

  test('a commit must follow the tail that it names', async () => {
    const { log } = current();
    const writer = new Writer(log);
    await writer.append();
    const { aggregate, tail } = writer;
    const right = commitAfter(tail);
    const wrong = [
      { ...right, n: right.n + 1 },
      { ...right, n: right.n - 1 },
      { ...right, prev: '' },
      { ...right, prev: `${right.prev.slice(1)}A` },
    ];
    for (const commit of wrong) {
      expect(await reasonOf(log.append(aggregate, commit, tail))).toBe('conflict');
    }
    const ahead = { ...tail, n: tail.n + 1 };
    expect(await reasonOf(log.append(aggregate, commitAfter(ahead), ahead))).toBe('conflict');
    expect(await reasonOf(log.append(aggregate, right, tail))).toBe('appended');
  });

  test('of two writers of one aggregate exactly one wins, each time', async () => {
    const { log } = current();
    const aggregate = aStreamAggregate();
    let tail = emptyTail;
    for (let round = 0; round < 20; round++) {
      const rivals = [commitAfter(tail), commitAfter(tail)];
      const reasons = await Promise.all(
        rivals.map((commit) => reasonOf(log.append(aggregate, commit, tail))),
      );
      expect(reasons.toSorted()).toEqual(['appended', 'conflict']);
      tail = await log.tail(aggregate);
      expect(tail.n).toBe(round + 1);
    }
    expect(await everything(log)).toHaveLength(20);
  });
};
