import { randomUUID } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import { eventFamily, namesOf } from '../../src/engine/cluster/jetstream-log/family.ts';
import { hashOf } from '../../src/events/codec.ts';
import { emptyTail, type Recorded } from '../../src/events/log.ts';
import type { OpenedLog } from '../contract/event-log/opened.ts';
import { eventLogContract } from '../contract/event-log.ts';
import { appendMany, eventually, logFixture } from '../support/fixtures/jetstream-fixture.ts';
import {
  aUserAggregate,
  commitAfter,
  everything,
  messages,
  readAll,
  reasonOf,
  scanBatches,
  Writer,
} from '../support/fixtures/log-fixtures.ts';
import { describeWithNats, natsUrl, testWithNats } from '../support/fixtures/servers.ts';

const openEmpty = async (partitions: number, version?: string): Promise<OpenedLog> => {
  const fixture = logFixture();
  const open = () => fixture.open(natsUrl(), { partitions, version });
  const first = await open();
  let { log } = first;
  const reopen = async () => {
    await log.close();
    ({ log } = await open());
    return log;
  };
  return {
    log,
    reopen,
    plant: async (aggregate, bytes) => {
      const { subjectOf } = namesOf(eventFamily, partitions, fixture.prefix);
      await first.nc.request(subjectOf(aggregate), bytes);
      return await reopen();
    },
    dispose: fixture.close,
  };
};

describeWithNats('contract', () => {
  eventLogContract('JetStream, 1 partition', () => openEmpty(1));
  eventLogContract('JetStream, 3 partitions', () => openEmpty(3));
  eventLogContract('JetStream as of the oldest server', () => openEmpty(1, '2.9.0'));
});

let fixture = logFixture();

afterEach(async () => {
  await fixture.close();
  fixture = logFixture();
});

testWithNats('a long history is read from any event and place', async () => {
  const { log } = await fixture.open(natsUrl());
  const writer = new Writer(log);
  const seqs: number[] = [];
  for (let index = 0; index < 700; index++) {
    if (index % 7 === 0) await appendMany(log, aUserAggregate(), 1);
    await writer.append(messages(2));
    seqs.push(writer.tail.seq);
  }
  for (const after of [0, 1, 2, 3, 999, 1397, 1398, 1399, 1400]) {
    const read = await readAll(log, writer.aggregate, { after });
    expect(read.map(({ seq }) => seq)).toEqual(seqs.slice(Math.floor(after / 2)));
    const from = seqs[Math.floor(after / 2) - 1];
    if (from) expect(await readAll(log, writer.aggregate, { after, from })).toEqual(read);
  }
});

testWithNats('more commits than a batch may have stand in the order of the calls', async () => {
  const { log } = await fixture.open(natsUrl());
  const aggregates = Array.from({ length: 2500 }, () => aUserAggregate());
  const tails = await Promise.all(
    aggregates.map((aggregate) => log.append(aggregate, commitAfter(emptyTail), emptyTail)),
  );
  expect(tails.map(({ seq }) => seq)).toEqual(aggregates.map((_, index) => index + 1));
  const scanned = await everything(log);
  expect(scanned.map(({ aggregate }) => aggregate)).toEqual(aggregates);
  expect(scanned.map(({ hash }) => hash)).toEqual(tails.map(({ hash }) => hash));
});

testWithNats('large commits fill several rounds', async () => {
  const { log } = await fixture.open(natsUrl());
  const large = { ...commitAfter(emptyTail, messages(512)) };
  const appends = Array.from({ length: 150 }, () =>
    log.append(aUserAggregate(), { ...large, id: randomUUID() }, emptyTail),
  );
  const tails = await Promise.all(appends);
  expect(tails.map(({ seq }) => seq)).toEqual(tails.map((_, index) => index + 1));
});

testWithNats('a conflict among many fails only its own aggregate', async () => {
  const { log } = await fixture.open(natsUrl());
  const taken = aUserAggregate();
  await appendMany(log, taken, 1);
  const aggregates = Array.from({ length: 300 }, (_, index) =>
    index === 100 || index === 299 ? taken : aUserAggregate(),
  );
  const outcomes = await Promise.all(
    aggregates.map((aggregate) =>
      reasonOf(log.append(aggregate, commitAfter(emptyTail), emptyTail)),
    ),
  );
  expect(outcomes).toEqual(aggregates.map((a) => (a === taken ? 'conflict' : 'appended')));
  const expected = aggregates.filter((aggregate) => aggregate !== taken);
  const scanned = (await everything(log)).slice(1);
  expect(scanned.map(({ aggregate }) => aggregate)).toEqual(expected);
});

testWithNats('of the writers of two nodes that race, exactly one wins each time', async () => {
  const logs = [await fixture.open(natsUrl()), await fixture.open(natsUrl())];
  const races = Array.from({ length: 50 }, async () => {
    const aggregate = aUserAggregate();
    let tail = emptyTail;
    for (let round = 0; round < 5; round++) {
      const outcomes = await Promise.all(
        logs.map(({ log }) => reasonOf(log.append(aggregate, commitAfter(tail), tail))),
      );
      expect(outcomes.toSorted()).toEqual(['appended', 'conflict']);
      tail = (await logs[0]?.log.tail(aggregate)) ?? tail;
      expect(tail.n).toBe(round + 1);
    }
  });
  await Promise.all(races);
});

testWithNats('a commit that follows nothing breaks the chain, which reading tells', async () => {
  const { log, nc } = await fixture.open(natsUrl());
  const aggregate = aUserAggregate();
  const tail = await appendMany(log, aggregate, 3);
  const forged = commitAfter({ ...tail, hash: hashOf(Buffer.from('another')) });
  const { id, n, prev, term, events } = forged;
  const bytes = JSON.stringify({ v: 1, id, n, prev, term, e: events });
  await nc.request(`${fixture.prefix}.oshi.ev.0.${aggregate}`, bytes);
  await expect(readAll(log, aggregate)).rejects.toThrow('chain of its commits is broken');
});

testWithNats('a live handler that throws costs the others nothing, and is told', async () => {
  const faults: Error[] = [];
  const { log } = await fixture.open(natsUrl(), { onFault: (fault) => faults.push(fault) });
  const seen: Recorded[] = [];
  await log.live(0, () => {
    throw new Error('a handler that breaks its promise');
  });
  await log.live(0, (recorded) => seen.push(recorded));
  await appendMany(log, aUserAggregate(), 3);
  await eventually(() => seen.length).toBe(3);
  expect(faults.length).toBe(3);
});

testWithNats('a log that forgets is read from what it still has', async () => {
  const { log, nc } = await fixture.open(natsUrl(), { retentionMs: 3_600_000 });
  const aggregate = aUserAggregate();
  const tail = await appendMany(log, aggregate, 4);
  await nc.request(`$JS.API.STREAM.PURGE.${fixture.prefix}_OSHI_EV_0`, JSON.stringify({ seq: 3 }));
  const numbers = (await readAll(log, aggregate)).map(({ commit }) => commit.n);
  expect(numbers).toEqual([3, 4]);
  expect((await scanBatches(log, 0)).flat().length).toBe(2);
  expect(await log.tail(aggregate)).toEqual(tail);
});
