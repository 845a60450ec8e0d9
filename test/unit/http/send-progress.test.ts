import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { destroyStalled, SendProgress } from '../../../src/http/send-progress.ts';

const { stalledMs } = limits;

/** A connection as the test says. */
const wayOut = () => {
  const connection = { writableLength: 0, bytesWritten: 0, _handle: { writeQueueSize: 0 } };
  const progress = new SendProgress<typeof connection>();
  progress.watch(connection, 0);
  const set = (waiting: number, written: number, queued: number): void => {
    Object.assign(connection, { writableLength: waiting, bytesWritten: written });
    connection._handle.writeQueueSize = queued;
  };
  return { progress, set, stalled: (now: number) => progress.stalled(now).length };
};

test('a connection is stalled when data waits and nothing has moved for 30 s', () => {
  const { set, stalled } = wayOut();
  expect(stalledMs).toBe(30_000);
  set(100, 100, 100);
  expect([stalled(10), stalled(stalledMs + 9), stalled(stalledMs + 10)]).toEqual([0, 0, 1]);
});

test('a connection on which nothing waits is never stalled, however long', () => {
  const { set, stalled } = wayOut();
  expect([stalled(0), stalled(10 * stalledMs)]).toEqual([0, 0]);
  set(100, 100, 100);
  expect([stalled(10 * stalledMs + 1), stalled(11 * stalledMs)]).toEqual([0, 0]);
});

test('every piece that is taken, and every byte of a large piece, is progress', () => {
  const { set, stalled } = wayOut();
  set(1000, 1000, 1000);
  for (let step = 1; step < 10; step++) {
    set(1000, 1000, 1000 - step);
    expect(stalled(step * (stalledMs - 1))).toBe(0);
  }
  set(1000, 2000, 991);
  expect(stalled(10 * (stalledMs - 1))).toBe(0);
  expect(stalled(11 * (stalledMs - 1) + 1)).toBe(1);
});

test('what is forgotten is watched no more', () => {
  const { progress } = wayOut();
  const other = { writableLength: 1, bytesWritten: 1 };
  const all = new SendProgress<typeof other>();
  all.watch(other, 0);
  all.forget(other);
  expect([progress.size, all.size, all.stalled(stalledMs * 2)]).toEqual([1, 0, []]);
});

const size = 24 * 1024 * 1024;

/** A server of one large answer, whose clock the test moves. */
const served = async () => {
  let clock = 0;
  const closed: string[] = [];
  const server = createServer((request, response) => {
    response.once('close', () => closed.push(request.url ?? ''));
    response.end(Buffer.alloc(size));
  });
  const stop = destroyStalled(server, { now: () => clock, everyMs: 1 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    stop();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string): Promise<IncomingMessage> => {
    const request = get({ port, path, host: '127.0.0.1', agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  };
  return { ask, closed, pass: (ms: number) => (clock += ms) };
};

test('an answer of which its client takes nothing is destroyed; one that is taken slowly arrives whole', async () => {
  const { ask, closed, pass } = await served();
  const unread = await ask('/unread');
  unread.on('error', () => {});
  const slow = await ask('/slow');
  let taken = 0;
  for await (const chunk of slow) {
    taken += (chunk as Buffer).length;
    if (closed.length > 0) continue;
    await sleep(2);
    pass(stalledMs / 100);
  }
  expect(taken).toBe(size);
  expect(closed[0]).toBe('/unread');
});
