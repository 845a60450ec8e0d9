import { afterEach, expect } from 'vitest';
import type { AppendFailure, Recorded } from '../../src/events/log.ts';
import { emptyTail } from '../../src/events/log.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { eventually, logFixture } from '../support/fixtures/jetstream-fixture.ts';
import {
  aUserAggregate,
  commitAfter,
  everything,
  messages,
} from '../support/fixtures/log-fixtures.ts';
import { startOwnNats, testWithNats } from '../support/fixtures/servers.ts';

let fixture = logFixture();
let server: ServerProcess | undefined;

afterEach(async () => {
  await fixture.close();
  await server?.stop();
  server = undefined;
  fixture = logFixture();
});

testWithNats('a server that is killed under load keeps all that it acknowledged', async () => {
  const nats = await startOwnNats();
  server = nats;
  const { log } = await fixture.open(nats.url, { regainMsMax: 20_000 });
  const seen: Recorded[] = [];
  await log.live(0, (recorded) => seen.push(recorded));
  const acknowledged: string[] = [];
  let running = true;
  const writing = Array.from({ length: 100 }, async () => {
    const aggregate = aUserAggregate();
    let tail = emptyTail;
    while (running) {
      const commit = commitAfter(tail);
      try {
        tail = await log.append(aggregate, commit, tail);
        acknowledged.push(commit.id);
      } catch (error) {
        expect((error as AppendFailure).reason).toBe('unavailable');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  });
  for (let crash = 0; crash < 3; crash++) {
    const before = acknowledged.length;
    await eventually(() => acknowledged.length).toBeGreaterThan(before + 500);
    await nats.kill();
    await nats.restart();
  }
  const before = acknowledged.length;
  await eventually(() => acknowledged.length).toBeGreaterThan(before + 500);
  running = false;
  await Promise.all(writing);
  const all = await everything(log);
  expect(all.map(({ commit }) => commit.id).toSorted()).toEqual(acknowledged.toSorted());
  await eventually(() => seen.length).toBe(all.length);
  expect(seen).toEqual(all);
});

testWithNats('a log is opened again as the same log', async () => {
  const nats = await startOwnNats();
  server = nats;
  const { log } = await fixture.open(nats.url, { partitions: 4 });
  const aggregate = aUserAggregate();
  const tail = await log.append(aggregate, commitAfter(emptyTail, messages(5)), emptyTail);
  await nats.restart();
  const again = await fixture.open(nats.url, { partitions: 4 });
  expect(again.log.info).toEqual(log.info);
  expect(await again.log.tail(aggregate)).toEqual(tail);
});
