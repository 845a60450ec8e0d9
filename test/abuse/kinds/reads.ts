import { uuid7 } from '../../../src/events/ids.ts';
import {
  addressOf,
  jsonFrame,
  openGreeted,
  openRaw,
  pause,
} from '../../support/fixtures/raw-socket.ts';
import { call } from '../../support/fixtures/server-people.ts';
import type { Attack, Kind } from './kind.ts';

const socketsAtOnce = 4;
const messages = 120;

/** A stream of long messages of the attacker's own. */
const fullStream = async ({ url, rogue }: Attack): Promise<string> => {
  const circle = uuid7();
  await rogue.call(`PUT /v1/circles/${circle}`, { name: 'Full', visibility: 'public' });
  for (let posted = 0; posted < messages; ) {
    const path = `/v1/circles/${circle}/streams/${circle}/messages/${uuid7()}`;
    const body = { text: `${posted} ${'é'.repeat(1900)}` };
    const { status } = await call(url, `PUT ${path}`, { token: rogue.token, body });
    if (status === 201) posted++;
    else await pause(150);
  }
  return `${circle}/${circle}`;
};

/** One frame as often as a connection may send, on several sockets of one person, with a full stream behind it. */
const asking =
  (frame: (s: string) => object, what: string): Kind =>
  async (attack) => {
    const { url, rogue } = attack;
    const forMs = attack.until - performance.now();
    const s = await fullStream(attack);
    const until = performance.now() + forMs;
    const lanes = Array.from({ length: socketsAtOnce }, async (_, index) => {
      const raw = await openGreeted(url, { token: rogue.token, from: addressOf(index) });
      let asked = 0;
      while (performance.now() < until && !raw.isGone()) {
        for (let more = 0; more < 10; more++) {
          raw.socket.write(jsonFrame({ ...frame(s), id: `${asked++}` }));
        }
        await pause(100);
      }
      raw.socket.destroy();
      return asked;
    });
    const asked = (await Promise.all(lanes)).reduce((sum, count) => sum + count);
    return { did: `${asked} times ${what}` };
  };

/** Large answers over HTTP that nobody takes. */
const httpUnread: Kind = async (attack) => {
  const { url, rogue } = attack;
  const forMs = attack.until - performance.now();
  const s = await fullStream(attack);
  const until = performance.now() + forMs;
  const [circle = '', stream = ''] = s.split('/');
  let asked = 0;
  do {
    const raw = await openRaw(url);
    raw.socket.pause();
    const path = `/v1/circles/${circle}/streams/${stream}/messages?limit=200`;
    raw.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${addressOf(asked++)}\r\nAuthorization: Bearer ${rogue.token}\r\n\r\n`,
    );
    await pause(20);
  } while (performance.now() < until);
  return { did: `${asked} pages that nobody takes` };
};

/** Circles that are not there, one after the other. */
const strangers: Kind = async ({ url, until, rogue }) => {
  const lanes = Array.from({ length: socketsAtOnce }, async (_, index) => {
    const raw = await openGreeted(url, { token: rogue.token, from: addressOf(index) });
    let asked = 0;
    while (performance.now() < until && !raw.isGone()) {
      for (let more = 0; more < 10; more++) {
        const circle = uuid7();
        raw.socket.write(jsonFrame({ t: 'sub', id: `${asked++}`, s: `${circle}/${circle}` }));
      }
      await pause(100);
    }
    raw.socket.destroy();
    return asked;
  });
  const asked = (await Promise.all(lanes)).reduce((sum, count) => sum + count);
  return { did: `${asked} circles that are not there` };
};

/** Sockets that follow the busy stream and never read. */
const unread: Kind = async ({ url, until, rogue, s }) => {
  await rogue.call(`PUT /v1/circles/${s.slice(0, 36)}/members/me`, {});
  const all = await Promise.all(
    Array.from({ length: 15 }, async (_, index) => {
      const raw = await openGreeted(url, { token: rogue.token, from: addressOf(index) });
      raw.socket.pause();
      for (let more = 0; more < 20; more++) {
        raw.socket.write(jsonFrame({ t: 'sub', id: `${more}`, s, last: 200 }));
      }
      return raw;
    }),
  );
  while (performance.now() < until) await pause(100);
  for (const { socket } of all) socket.destroy();
  return { did: `${all.length} sockets that follow and never read` };
};

export const readKinds = {
  gets: asking((s) => ({ t: 'get', s, limit: 200 }), 'get of 200 long messages'),
  subs: asking((s) => ({ t: 'sub', s, last: 200 }), 'sub of 200 long messages'),
  'http-unread': httpUnread,
  unread,
  strangers,
} satisfies Record<string, Kind>;
