import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import { uuid7 } from '../../src/events/ids.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages({ OSHI_RATE_LIMITS: 'off' });

const names = ['ann', ...Array.from({ length: 10 }, (_, index) => `flooder${index}`)];

/** Posts, and repeats what is refused when it says so, as clients do. */
const postRepeatedly = async (socket: TestSocket, s: string, id: string): Promise<ServerFrame> => {
  for (;;) {
    const answer = await socket.command('post-message', { s, id, text: 'heard' });
    if (answer.retryAfter === undefined) return answer;
    await sleep(answer.retryAfter);
  }
};

it(
  'a flood is refused with unavailable, and others are heard meanwhile, and the flooders later [W8] [W14]',
  async ({ url }) => {
    const [ann, ...flooders] = (await registerAll(url, names)) as [Person, ...Person[]];
    const circle = await makeCircle(ann, flooders);
    const s = `${circle}/${circle}`;
    const refusals: ServerFrame[] = [];
    const refused: string[] = [];
    let isOver = false;
    const sockets: TestSocket[] = [];
    // One after the other: an address may have a hundred that are not logged in.
    for (const person of flooders) {
      const count = limits.connectionsPerUserMax;
      const own = Array.from({ length: count }, () => TestSocket.greet(url, person));
      sockets.push(...(await Promise.all(own)));
    }
    const post = async (socket: TestSocket): Promise<void> => {
      const id = uuid7();
      const answer = await socket.command('post-message', { s, id, text: 'flood' });
      if (answer.t === 'ok') return;
      refusals.push(answer);
      refused.push(id);
    };
    const flood = sockets.map(async (socket) => {
      while (!isOver) {
        await Promise.all(Array.from({ length: limits.unansweredMax }, () => post(socket)));
      }
    });
    await expect.poll(() => refusals.length, { timeout: 60_000 }).toBeGreaterThan(0);
    const own = await TestSocket.greet(url, ann);
    for (let count = 0; count < 5; count++) {
      expect(await postRepeatedly(own, s, uuid7())).toMatchObject({ t: 'ok' });
    }
    isOver = true;
    await Promise.all(flood);

    const times = refusals.map(({ retryAfter = 0 }) => retryAfter);
    expect(refusals[0]).toMatchObject({ t: 'err', code: 'unavailable' });
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(new Set(times).size > 1 || times.length === 1).toBe(true);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, counted] = /^oshi_overload_refused_total (\d+)$/m.exec(metrics) ?? [];
    expect(Number(counted)).toBeGreaterThan(0);
    // Nothing was done of what was refused: its repeat is not recognised as one.
    const [id = ''] = refused;
    const [socket] = sockets;
    if (!socket) throw new Error('no sockets');
    expect(await postRepeatedly(socket, s, id)).toMatchObject({ t: 'ok', d: { id } });
    const last = (await ann.call(`GET ${messagesOf(circle)}?limit=1`)).body.messages?.at(-1);
    expect(last).toMatchObject({ id });
    for (const each of [...sockets, own]) each.close();
  },
  { timeout: 240_000 },
);
