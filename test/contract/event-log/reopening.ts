import { expect, test } from 'vitest';
import {
  commitAfter,
  everything,
  messages,
  readAll,
  reasonOf,
  Writer,
} from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

export const reopenContract = (current: Current): void => {
  test('what was there is there again: tails, commits, heads, incarnation, partitions', async () => {
    const { log, reopen } = current();
    const writers = Array.from({ length: 20 }, () => new Writer(log));
    for (let round = 1; round <= 3; round++) {
      await Promise.all(writers.map((writer) => writer.append(messages(round))));
    }
    const { info } = log;
    const all = await everything(log);
    const partitions = Array.from({ length: info.partitions }, (_, partition) => partition);
    const heads = await Promise.all(partitions.map((partition) => log.head(partition)));

    const again = await reopen();
    expect(again.info).toEqual(info);
    expect(await everything(again)).toEqual(all);
    expect(await Promise.all(partitions.map((partition) => again.head(partition)))).toEqual(heads);
    for (const { aggregate, tail } of writers) {
      expect(await again.tail(aggregate)).toEqual(tail);
      expect(await readAll(again, aggregate)).toHaveLength(3);
      const next = await again.append(aggregate, commitAfter(tail), tail);
      expect(next.n).toBe(tail.n + 1);
      expect(next.seq).toBeGreaterThan(tail.seq);
    }
  });

  test('closing settles what is in flight, and then nothing can be appended', async () => {
    const { log, reopen } = current();
    const writers = Array.from({ length: 30 }, () => new Writer(log));
    const appending = writers.map((writer) => writer.append());
    const again = await reopen();
    const results = await Promise.allSettled(appending);
    const kept = new Set((await everything(again)).map(({ commit }) => commit.id));
    for (const result of results) {
      if (result.status === 'fulfilled') expect(kept).toContain(result.value.id);
    }
    const [writer] = writers;
    if (writer) expect(await reasonOf(writer.append())).toBe('unavailable');
  });
};
