import { expect, test } from 'vitest';
import { partitionOf } from '../../../src/events/aggregate.ts';
import { isKnown } from '../../../src/events/codec.ts';
import { lastOf } from '../../../src/events/commit.ts';
import {
  aUserAggregate,
  everything,
  messages,
  posted,
  readAll,
  scanBatches,
  Writer,
} from '../../support/fixtures/log-fixtures.ts';
import type { Current } from './opened.ts';

const newerVersion = Buffer.from(
  JSON.stringify({
    v: 1,
    id: 'planted',
    n: 1,
    prev: '',
    term: 3,
    e: [
      { k: 'moon-landed', v: 7, at: 12, by: 'somebody', d: { crew: ['a', 'b'], deep: { x: 1 } } },
      { k: 'message-posted', v: 99, at: 13, by: 'somebody', d: { altogether: 'new' } },
    ],
  }),
);

export const readContract = (current: Current): void => {
  test('an aggregate is read from any event on', async () => {
    const { log } = current();
    const writer = new Writer(log);
    const other = new Writer(log);
    for (const count of [1, 3, 2, 1, 4]) {
      await writer.append(messages(count));
      await other.append();
    }
    const all = await readAll(log, writer.aggregate);
    expect(all.map(({ commit }) => commit.n)).toEqual([1, 2, 5, 7, 8]);
    for (let after = 0; after <= 13; after++) {
      const expected = all.filter(({ commit }) => lastOf(commit) > after);
      expect(await readAll(log, writer.aggregate, { after })).toEqual(expected);
      const from = all.filter(({ commit }) => commit.n <= after + 1).at(-1)?.seq ?? 0;
      for (const place of new Set([from, 0])) {
        expect(await readAll(log, writer.aggregate, { after, from: place })).toEqual(expected);
      }
    }
  });

  test('a scan gives everything after a place, in order, in bounded batches', async () => {
    const { log } = current();
    const writers = Array.from({ length: 5 }, () => new Writer(log));
    for (let round = 0; round < 8; round++) {
      await Promise.all(writers.map((writer) => writer.append([posted('x'.repeat(2000))])));
    }
    const batchBytes = 16 * 1024;
    for (let partition = 0; partition < log.info.partitions; partition++) {
      const batches = await scanBatches(log, partition, { batchBytes });
      const all = batches.flat();
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        const bytes = batch.reduce((sum, { size }) => sum + size, 0);
        expect(bytes).toBeLessThan(2 * batchBytes);
      }
      const places = all.map(({ seq }) => seq);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(new Set(places).size).toBe(places.length);
      for (const after of [0, ...places.filter((_, index) => index % 9 === 0), places.at(-1)]) {
        const rest = (await scanBatches(log, partition, { after: after ?? 0 })).flat();
        expect(rest).toEqual(all.filter(({ seq }) => seq > (after ?? 0)));
      }
    }
    expect(await everything(log)).toHaveLength(40);
  });

  test('a scan ends although writers go on', async () => {
    const { log } = current();
    const writer = new Writer(log);
    for (let count = 0; count < 20; count++) await writer.append([posted('x'.repeat(1000))]);
    const partition = partitionOf(writer.aggregate, log.info.partitions);
    const scanned: string[] = [];
    for await (const batch of log.scan(partition, { batchBytes: 2000 })) {
      scanned.push(...batch.map(({ commit }) => commit.id));
      await writer.append();
    }
    const all = await readAll(log, writer.aggregate);
    expect(scanned.length).toBeGreaterThanOrEqual(20);
    expect(scanned).toEqual(all.slice(0, scanned.length).map(({ commit }) => commit.id));
  });

  test('events of kinds and versions that nobody here knows survive', async () => {
    const aggregate = aUserAggregate();
    const log = await current().plant(aggregate, newerVersion);
    const [planted] = await readAll(log, aggregate);
    expect(planted?.commit).toMatchObject({ id: 'planted', n: 1, term: 3 });
    expect(planted?.commit.events).toEqual(JSON.parse(newerVersion.toString()).e);
    expect(planted?.commit.events.map(isKnown)).toEqual([false, false]);
    expect(await everything(log)).toEqual([planted]);
    const writer = new Writer(log, aggregate);
    writer.tail = await log.tail(aggregate);
    expect(writer.tail.n).toBe(2);
    await writer.append();
    expect(await readAll(log, aggregate)).toHaveLength(2);
  });
};
