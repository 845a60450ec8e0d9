import { afterEach, beforeEach, expect } from 'vitest';
import { isAtLeast } from '../../src/engine/cluster/server-version.ts';
import { type EventLog, emptyTail, type Recorded } from '../../src/events/log.ts';
import { type TcpProxy, tcpProxy } from '../support/doubles/tcp-proxy.ts';
import {
  appendMany,
  eventually,
  logFixture,
  type OpenLog,
} from '../support/fixtures/jetstream-fixture.ts';
import { aUserAggregate, commitAfter, everything } from '../support/fixtures/log-fixtures.ts';
import { natsUrl, testWithNats } from '../support/fixtures/servers.ts';

let fixture = logFixture();
let proxy: TcpProxy;
let writer: EventLog;
/** Follows through the proxy. */
let reader: EventLog;
let seen: Recorded[] = [];

/** Comparing the ends may not help where something else is tested. */
const never = 3_600_000;

const openBoth = async (headCheckMs = never): Promise<void> => {
  writer = (await fixture.open(natsUrl())).log;
  reader = (await fixture.open(`nats://127.0.0.1:${proxy.port}`, { headCheckMs })).log;
  seen = [];
  await reader.live(0, (recorded) => seen.push(recorded));
};

beforeEach(async () => {
  if (natsUrl() !== '') proxy = await tcpProxy(Number(new URL(natsUrl()).port));
});

afterEach(async () => {
  proxy?.refuse(false);
  await fixture.close();
  await proxy?.close();
  fixture = logFixture();
});

const seqs = (): readonly number[] => seen.map(({ seq }) => seq);
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, i) => i + 1);

testWithNats('what was missed while the connection was down is filled in after it', async () => {
  await openBoth();
  await appendMany(writer, aUserAggregate(), 3);
  await eventually(seqs).toEqual(upTo(3));
  proxy.refuse(true);
  proxy.cut();
  await appendMany(writer, aUserAggregate(), 40);
  proxy.refuse(false);
  await eventually(seqs).toEqual(upTo(43));
  expect(seen).toEqual(await everything(writer));
});

/** Makes the server send nothing again of what it stores, until the returned function is called. */
const silence = async ({ nc }: OpenLog): Promise<() => Promise<void>> => {
  const stream = `${fixture.prefix}_OSHI_EV_0`;
  const info = await nc.request(`$JS.API.STREAM.INFO.${stream}`);
  const { config } = info.json<{ config: { republish?: object } }>();
  const { republish, ...silent } = config;
  expect(republish).toBeDefined();
  const update = async (settings: object): Promise<void> => {
    await nc.request(`$JS.API.STREAM.UPDATE.${stream}`, JSON.stringify(settings));
  };
  await update(silent);
  return () => update(config);
};

const cannotSilence = ({ nc }: OpenLog): boolean => !isAtLeast(nc.info?.version ?? '', '2.10.0');

testWithNats('lost messages show by the next, and are handed on before it', async ({ skip }) => {
  const open = await fixture.open(natsUrl());
  skip(cannotSilence(open), 'this server cannot change republish');
  await openBoth();
  const aggregate = aUserAggregate();
  const tail = await appendMany(writer, aggregate, 2);
  await eventually(seqs).toEqual(upTo(2));
  const speak = await silence(open);
  await appendMany(writer, aUserAggregate(), 30);
  await speak();
  expect(seqs()).toEqual(upTo(2));
  await writer.append(aggregate, commitAfter(tail), tail);
  await eventually(seqs).toEqual(upTo(33));
  expect(seen).toEqual(await everything(writer));
});

testWithNats('a lost last message shows when the ends are compared', async ({ skip }) => {
  const open = await fixture.open(natsUrl());
  skip(cannotSilence(open), 'this server cannot change republish');
  await openBoth(100);
  await silence(open);
  await appendMany(writer, aUserAggregate(), 7);
  await eventually(seqs).toEqual(upTo(7));
});

testWithNats(
  'on a line that is cut again and again, nothing is missed and nothing comes twice',
  async () => {
    await openBoth();
    let cuts = 0;
    const aggregates = Array.from({ length: 40 }, () => aUserAggregate());
    const writing = aggregates.map(async (aggregate) => {
      let tail = emptyTail;
      while (cuts < 6 || tail.n < 50)
        tail = await writer.append(aggregate, commitAfter(tail), tail);
    });
    for (; cuts < 6; cuts++) {
      const before = seen.length;
      await eventually(() => seen.length).toBeGreaterThan(before + 50);
      proxy.cut();
    }
    await Promise.all(writing);
    const head = await writer.head(0);
    await eventually(() => seen.length).toBe(head);
    expect(seqs()).toEqual(upTo(head));
  },
);

testWithNats('a scan goes on where it was when the connection breaks', async () => {
  await openBoth();
  const aggregates = Array.from({ length: 5000 }, () => aUserAggregate());
  await Promise.all(aggregates.map((aggregate) => appendMany(writer, aggregate, 1)));
  const scanned: number[] = [];
  let batches = 0;
  for await (const batch of reader.scan(0, { batchBytes: 200_000 })) {
    scanned.push(...batch.map(({ seq }) => seq));
    if (++batches % 3 === 1) proxy.cut();
  }
  expect(scanned).toEqual(upTo(5000));
  expect(batches).toBeGreaterThan(5);
});
