import { expect, test, vi } from 'vitest';
import { partitionOf } from '../../../src/events/aggregate.ts';
import type { Recorded } from '../../../src/events/log.ts';
import { messages, posted, scanBatches, Writer } from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

/** Writers that append, one commit after the other, until they are told to stop. */
const busy = (writers: readonly Writer[]) => {
  let stopped = false;
  const written = Promise.all(
    writers.map(async (writer) => {
      while (!stopped) await writer.append(messages(2));
    }),
  );
  return {
    stop: async () => {
      stopped = true;
      await written;
    },
  };
};

export const liveContract = (current: Current): void => {
  test('what is appended after `after` is handed on once, in order, as it was appended', async () => {
    const { log } = current();
    const writer = new Writer(log);
    await writer.append();
    const partition = partitionOf(writer.aggregate, log.info.partitions);
    const heard: Recorded[] = [];
    const live = await log.live(partition, (recorded) => heard.push(recorded));
    expect(live.after).toBeLessThanOrEqual(await log.head(partition));
    for (let count = 0; count < 10; count++) await writer.append([posted(`${count}`)]);
    await vi.waitFor(() => expect(heard.at(-1)?.seq).toBe(writer.tail.seq));
    expect(heard).toEqual((await scanBatches(log, partition, { after: live.after })).flat());
    live.stop();
  });

  test('a scan up to `after` and what comes live are everything once, while writers write', async () => {
    const { log } = current();
    const writers = Array.from({ length: 6 }, () => new Writer(log));
    const writing = busy(writers);
    for (let partition = 0; partition < log.info.partitions; partition++) {
      for (let listener = 0; listener < 3; listener++) {
        const heard: Recorded[] = [];
        const live = await log.live(partition, (recorded) => heard.push(recorded));
        const scanned = (await scanBatches(log, partition)).flat();
        const past = scanned.filter(({ seq }) => seq <= live.after);
        const head = await log.head(partition);
        await vi.waitFor(() =>
          expect(Math.max(live.after, heard.at(-1)?.seq ?? 0)).toBeGreaterThanOrEqual(head),
        );
        live.stop();
        const joined = [...past, ...heard];
        const all = (await scanBatches(log, partition)).flat();
        expect(joined).toEqual(all.slice(0, joined.length));
        expect(joined.at(-1)?.seq ?? 0).toBeGreaterThanOrEqual(head);
      }
    }
    await writing.stop();
  });

  test('whoever has stopped hears nothing more, the others do', async () => {
    const { log } = current();
    const writer = new Writer(log);
    const partition = partitionOf(writer.aggregate, log.info.partitions);
    const first: number[] = [];
    const second: number[] = [];
    const leaving = await log.live(partition, ({ commit }) => {
      first.push(commit.n);
      leaving.stop();
    });
    const staying = await log.live(partition, ({ commit }) => second.push(commit.n));
    for (let count = 0; count < 3; count++) await writer.append();
    await vi.waitFor(() => expect(second).toEqual([1, 2, 3]));
    expect(first).toEqual([1]);
    staying.stop();
  });

  partitionContract(current);
  skippingContract(current);
};

const partitionContract = (current: Current): void => {
  test('a partition hears nothing of another', async () => {
    const { log } = current();
    const { partitions } = log.info;
    const writers = Array.from({ length: 12 }, () => new Writer(log));
    const heard = new Map<number, Set<string>>();
    const subscriptions = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => {
        const names = new Set<string>();
        heard.set(partition, names);
        return log.live(partition, ({ aggregate }) => names.add(aggregate));
      }),
    );
    await Promise.all(writers.map((writer) => writer.append()));
    for (const { aggregate } of writers) {
      const own = partitionOf(aggregate, partitions);
      await vi.waitFor(() => expect(heard.get(own)).toContain(aggregate));
      for (const [partition, names] of heard) {
        if (partition !== own) expect(names).not.toContain(aggregate);
      }
    }
    for (const { stop } of subscriptions) stop();
  });
};

const skippingContract = (current: Current): void => {
  test('what a handler skips may be kept from it, and is not from others; nothing else is', async () => {
    const { log } = current();
    const writers = [new Writer(log), new Writer(log)] as const;
    const [skipped, wanted] = writers.map(({ aggregate }) => aggregate);
    const heard: Recorded[] = [];
    const seen: number[] = [];
    const all: Recorded[] = [];
    const lives = await Promise.all(
      Array.from({ length: log.info.partitions }, (_, partition) => [
        log.live(partition, (recorded) => heard.push(recorded), {
          skips(aggregate, seq) {
            if (aggregate === skipped) seen.push(seq);
            return aggregate === skipped;
          },
        }),
        log.live(partition, (recorded) => all.push(recorded)),
      ]).flat(),
    );
    const times = 10;
    for (let count = 0; count < times; count++) {
      for (const writer of writers) await writer.append([posted(`${count}`)]);
    }
    await vi.waitFor(() => expect(all).toHaveLength(2 * times));
    const numbers = (records: readonly Recorded[], of: string | undefined): number[] =>
      records.filter(({ aggregate }) => aggregate === of).map(({ commit }) => commit.n);
    expect(numbers(heard, wanted)).toEqual(numbers(all, wanted));
    const passed = heard.filter(({ aggregate }) => aggregate === skipped).map(({ seq }) => seq);
    expect([...seen, ...passed].sort((a, b) => a - b)).toEqual(
      all.filter(({ aggregate }) => aggregate === skipped).map(({ seq }) => seq),
    );
    for (const live of lives) live.stop();
  });
};
