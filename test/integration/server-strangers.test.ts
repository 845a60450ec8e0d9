import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { limits } from '../../src/http/limits.ts';
import { clientFrame } from '../support/client-frame.ts';
import { register } from '../support/server-people.ts';
import { TestSocket } from '../support/server-socket.ts';
import { testOnEngines } from '../support/server-stage.ts';

const it = testOnEngines();

const handshake = (url: string, from: string): string =>
  [
    'GET /v1/connect HTTP/1.1',
    `Host: ${new URL(url).host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    `X-Forwarded-For: ${from}`,
    '\r\n',
  ].join('\r\n');

/** A socket that was upgraded, and all that it was sent since. */
const upgraded = async (url: string, from = '192.0.2.1') => {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  let text = '';
  let isClosed = false;
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      resolve();
    });
  });
  socket.write(handshake(url, from));
  while (!text.includes('\r\n\r\n') && !isClosed) await sleep(5);
  return { socket, closed, isClosed: () => isClosed, text: () => text };
};

const metric = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
};

it('only /v1/connect is a WebSocket; elsewhere an upgrade is served as if none were asked for [W1]', async ({
  url,
}) => {
  for (const upgrade of ['websocket', 'h2c']) {
    const asked = httpRequest(`${url}/healthz`, {
      headers: { connection: 'Upgrade', upgrade, 'sec-websocket-version': '13' },
    }).end();
    const [response] = await once(asked, 'response');
    expect([upgrade, response.statusCode]).toEqual([upgrade, 200]);
  }
  const refused = httpRequest(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { connection: 'Upgrade', upgrade: 'h2c', 'content-length': 2 },
  }).end('{}');
  const [response] = await once(refused, 'response');
  expect(response.statusCode).toBe(400);
});

it('of one address 100 may be there without hello; the oldest makes room for more', async ({
  url,
}) => {
  const first = await upgraded(url, '192.0.2.10');
  const other = await upgraded(url, '192.0.2.11');
  const rest = await Promise.all(
    Array.from({ length: limits.newcomersPerClientMax }, () => upgraded(url, '192.0.2.10')),
  );
  await first.closed;
  expect(rest.filter(({ isClosed }) => !isClosed()).length).toBeGreaterThanOrEqual(
    limits.newcomersPerClientMax - 1,
  );
  expect(other.isClosed()).toBe(false);
  for (const { socket } of [other, ...rest]) socket.destroy();
});

it('a client that ignores a close is cut, without being read any more', async ({ url }) => {
  const silent = await upgraded(url, '192.0.2.20');
  silent.socket.write(clientFrame('no hello'));
  await silent.closed;
  const loud = await upgraded(url, '192.0.2.21');
  loud.socket.write(clientFrame('no hello'));
  const junk = Buffer.concat(Array.from({ length: 3000 }, () => clientFrame('{}')));
  while (!loud.isClosed()) {
    loud.socket.write(junk);
    await sleep(5);
  }
});

it('frames beyond the rate wait in every state, and nobody else does [W14] [W16]', async ({
  url,
}) => {
  const ada = await register(url);
  const socket = await TestSocket.greet(url, ada);
  const pongs = Buffer.concat(
    Array.from({ length: 20_000 }, () => clientFrame('', { opcode: 10 })),
  );
  const flooding = await upgraded(url, '192.0.2.30');
  flooding.socket.write(pongs);
  expect(await socket.ask({ t: 'sub', s: 'me' })).toMatchObject({ t: 'ok' });
  // It was noise before hello.
  await flooding.closed;
  socket.close();
});

it('sockets that subscribe and are gone leave no subscription behind [W5]', async ({ url }) => {
  const ada = await register(url);
  const frames = [
    { t: 'hello', id: '1', v: 1, token: ada.token },
    { t: 'sub', id: '2', s: 'me' },
    { t: 'sub', id: '3', s: 'me', last: 0 },
  ];
  const bytes = Buffer.concat(frames.map((frame) => clientFrame(JSON.stringify(frame))));
  for (let round = 0; round < 30; round++) {
    const { socket, closed } = await upgraded(url, '192.0.2.40');
    socket.write(bytes);
    for (let turn = 0; turn < round % 6; turn++) await new Promise(setImmediate);
    if (round % 2) socket.resetAndDestroy();
    else socket.end();
    await closed;
  }
  while ((await metric(url, 'oshi_subscriptions')) > 0) await sleep(50);
});
