import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import { clientFrame } from '../support/doubles/client-frame.ts';
import { openUpgraded } from '../support/fixtures/raw-socket.ts';
import { register } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();
const itAlone = testOnOwnStages();

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
  const first = await openUpgraded(url, '192.0.2.10');
  const other = await openUpgraded(url, '192.0.2.11');
  const rest = await Promise.all(
    Array.from({ length: limits.newcomersPerClientMax }, () => openUpgraded(url, '192.0.2.10')),
  );
  await first.gone;
  expect(rest.filter(({ isGone }) => !isGone()).length).toBeGreaterThanOrEqual(
    limits.newcomersPerClientMax - 1,
  );
  expect(other.isGone()).toBe(false);
  for (const { socket } of [other, ...rest]) socket.destroy();
});

it('a client that ignores a close is cut, without being read any more', async ({ url }) => {
  const silent = await openUpgraded(url, '192.0.2.20');
  silent.socket.write(clientFrame('no hello'));
  await silent.gone;
  const loud = await openUpgraded(url, '192.0.2.21');
  loud.socket.write(clientFrame('no hello'));
  const junk = Buffer.concat(Array.from({ length: 3000 }, () => clientFrame('{}')));
  while (!loud.isGone()) {
    loud.socket.write(junk);
    await sleep(5);
  }
});

it('20,000 pongs before hello close their connection and delay no other [W1] [W14]', async ({
  url,
}) => {
  const ada = await register(url);
  const socket = await TestSocket.greet(url, ada);
  const pongs = Buffer.concat(
    Array.from({ length: 20_000 }, () => clientFrame('', { opcode: 10 })),
  );
  const flooding = await openUpgraded(url, '192.0.2.30');
  flooding.socket.write(pongs);
  expect(await socket.ask({ t: 'sub', s: 'me' })).toMatchObject({ t: 'ok' });
  await flooding.gone;
  socket.close();
});

itAlone(
  'sockets that subscribe and are gone leave no subscription behind [W5]',
  async ({ url }) => {
    const ada = await register(url);
    const frames = [
      { t: 'hello', id: '1', v: 1, token: ada.token },
      { t: 'sub', id: '2', s: 'me' },
      { t: 'sub', id: '3', s: 'me', last: 0 },
    ];
    const bytes = Buffer.concat(frames.map((frame) => clientFrame(JSON.stringify(frame))));
    for (let round = 0; round < 30; round++) {
      const { socket, gone } = await openUpgraded(url, '192.0.2.40');
      socket.write(bytes);
      for (let turn = 0; turn < round % 6; turn++) await new Promise(setImmediate);
      if (round % 2) socket.resetAndDestroy();
      else socket.end();
      await gone;
    }
    while ((await metric(url, 'oshi_subscriptions')) > 0) await sleep(50);
  },
);
