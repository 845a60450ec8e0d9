import { afterEach, beforeEach, expect } from 'vitest';
import type { Aggregate } from '../../src/events/aggregate.ts';
import { type AppendFailure, type EventLog, emptyTail, type Tail } from '../../src/events/log.ts';
import { type TcpProxy, tcpProxy } from '../support/doubles/tcp-proxy.ts';
import { eventually, logFixture } from '../support/fixtures/jetstream-fixture.ts';
import { aUserAggregate, commitAfter, everything } from '../support/fixtures/log-fixtures.ts';
import { natsUrl, testWithNats } from '../support/fixtures/servers.ts';

let fixture = logFixture();
let proxy: TcpProxy;
/** Writes through the proxy. */
let log: EventLog;
/** Reads and writes past it. */
let other: EventLog;

const openBoth = async (regainMsMax = 10_000): Promise<void> => {
  other = (await fixture.open(natsUrl())).log;
  const url = `nats://127.0.0.1:${proxy.port}`;
  log = (await fixture.open(url, { regainMsMax, answerMsMax: 3_000 })).log;
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

const append = (to: EventLog, aggregate: Aggregate, tail: Tail = emptyTail): Promise<Tail> =>
  to.append(aggregate, commitAfter(tail), tail);

const outcomeOf = (promise: Promise<Tail>): Promise<string | number> =>
  promise.then(
    ({ seq }) => seq,
    (error: AppendFailure) => error.reason,
  );

testWithNats('stored, but the answer is lost: it is found, and stored once', async () => {
  await openBoth();
  const aggregate = aUserAggregate();
  proxy.swallowReplies();
  const pending = append(log, aggregate);
  await eventually(() => other.head(0)).toBe(1);
  proxy.cut();
  expect(await pending).toEqual(await other.tail(aggregate));
  expect(await append(log, aggregate, await pending)).toMatchObject({ n: 2, seq: 2 });
});

testWithNats('a whole batch is stored, but the answer is lost: all of it is found', async () => {
  await openBoth();
  const aggregates = Array.from({ length: 200 }, () => aUserAggregate());
  proxy.swallowReplies();
  const pending = aggregates.map((aggregate) => outcomeOf(append(log, aggregate)));
  await eventually(() => other.head(0)).toBe(200);
  proxy.cut();
  expect(await Promise.all(pending)).toEqual(aggregates.map((_, index) => index + 1));
});

testWithNats('not stored, and the connection breaks: it is sent again, in order', async () => {
  await openBoth();
  const aggregates = Array.from({ length: 200 }, () => aUserAggregate());
  proxy.swallowRequests();
  const pending = aggregates.map((aggregate) => outcomeOf(append(log, aggregate)));
  await eventually(() => proxy.swallowed).toBeGreaterThan(200 * 300);
  proxy.cut();
  expect(await Promise.all(pending)).toEqual(aggregates.map((_, index) => index + 1));
  expect((await everything(other)).map(({ aggregate }) => aggregate)).toEqual(aggregates);
});

testWithNats('not stored, and nothing breaks: the missing answer alone makes it ask', async () => {
  await openBoth();
  const aggregate = aUserAggregate();
  proxy.swallowRequests();
  const pending = append(log, aggregate);
  // The connection stays, as behind a switch that drops packets, until the append has long given up waiting.
  await eventually(() => proxy.swallowed).toBeGreaterThan(600);
  proxy.cut();
  expect(await pending).toMatchObject({ n: 1, seq: 1 });
});

testWithNats('not stored, and somebody else wrote meanwhile: a conflict', async () => {
  await openBoth();
  const aggregate = aUserAggregate();
  proxy.swallowRequests();
  const pending = outcomeOf(append(log, aggregate));
  await eventually(() => proxy.swallowed).toBeGreaterThan(0);
  await append(other, aggregate);
  proxy.cut();
  expect(await pending).toBe('conflict');
  expect(await other.head(0)).toBe(1);
});

testWithNats('stored, and somebody else wrote behind it: stored all the same', async () => {
  await openBoth();
  const aggregate = aUserAggregate();
  proxy.swallowReplies();
  const pending = append(log, aggregate);
  await eventually(() => other.head(0)).toBe(1);
  await append(other, aggregate, await other.tail(aggregate));
  proxy.cut();
  expect(await pending).toMatchObject({ n: 1, seq: 1 });
});

testWithNats(
  'what cannot be found out is unknown; what was never sent is unavailable',
  async () => {
    await openBoth(200);
    const aggregate = aUserAggregate();
    proxy.swallowReplies();
    const pending = outcomeOf(append(log, aggregate));
    await eventually(() => other.head(0)).toBe(1);
    const waiting = outcomeOf(append(log, aUserAggregate()));
    proxy.refuse(true);
    proxy.cut();
    expect(await waiting).toBe('unavailable');
    expect(await outcomeOf(append(log, aUserAggregate()))).toBe('unavailable');
    expect(await pending).toBe('unknown');
    expect(await other.head(0)).toBe(1);
    proxy.refuse(false);
    const settled = await other.tail(aggregate);
    await eventually(() => outcomeOf(append(log, aggregate, settled))).toBe(2);
  },
);

testWithNats('on a line that is cut again and again, order and numbers hold', async () => {
  await openBoth();
  proxy.delay(2);
  const tails = new Map(Array.from({ length: 60 }, () => [aUserAggregate(), emptyTail]));
  let running = true;
  const cutting = (async () => {
    for (let cut = 0; cut < 6; cut++) {
      const head = await other.head(0);
      await eventually(() => other.head(0)).toBeGreaterThan(head + 100);
      const swallowed = proxy.swallowed;
      if (cut % 2 === 0) {
        proxy.swallowReplies();
        await eventually(() => proxy.swallowed).toBeGreaterThan(swallowed);
      }
      proxy.cut();
    }
    running = false;
  })();
  const stored: string[] = [];
  const writing = [...tails.keys()].map(async (aggregate) => {
    let tail = emptyTail;
    while (running) {
      const commit = commitAfter(tail);
      try {
        tail = await log.append(aggregate, commit, tail);
        stored.push(commit.id);
      } catch (error) {
        // Nobody else writes, so a conflict would be a lie.
        expect((error as AppendFailure).reason).toBe('unavailable');
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  });
  await Promise.all([cutting, ...writing]);
  const ids = (await everything(other)).map(({ commit }) => commit.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(stored.toSorted());
});
