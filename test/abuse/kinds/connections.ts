import {
  addressOf,
  jsonFrame,
  openGreeted,
  openRaw,
  openUpgraded,
  pause,
} from '../../support/fixtures/raw-socket.ts';
import type { Kind } from './kind.ts';

/** Upgraded sockets that say nothing and ignore every close. */
const silent: Kind = async ({ url, until }) => {
  let sockets = 0;
  while (performance.now() < until) {
    const all = Array.from({ length: 10 }, (_, index) =>
      openUpgraded(url, addressOf(sockets + index)),
    );
    for (const raw of await Promise.all(all)) raw.socket.pause();
    sockets += all.length;
  }
  return { did: `${sockets} sockets that say nothing` };
};

/** TCP connections that never send a whole request. */
const slow: Kind = async ({ url, until }) => {
  const all = await Promise.all(Array.from({ length: 300 }, () => openRaw(url)));
  for (const { socket } of all) socket.write('GET /v1/me HTTP/1.1\r\nHost: x\r\n');
  while (performance.now() < until) {
    for (const { socket } of all) if (socket.writable) socket.write('X: y\r\n');
    await pause(200);
  }
  const gone = all.filter((raw) => raw.isGone()).length;
  for (const { socket } of all) socket.destroy();
  return { did: `${all.length} requests whose headers never end; ${gone} were cut` };
};

/** Upgrades where there is no WebSocket. */
const elsewhere: Kind = async ({ url, until }) => {
  let asked = 0;
  const faults = new Set<string>();
  while (performance.now() < until) {
    const raw = await openRaw(url, { keeps: true });
    const head = `Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Forwarded-For: ${addressOf(asked)}\r\n`;
    raw.socket.write(`GET /v1/me HTTP/1.1\r\n${head}\r\n`);
    await Promise.race([raw.gone, pause(1000)]);
    if (!/^HTTP\/1\.1 (401|429)/.test(raw.text()))
      faults.add(`answered ${raw.text().slice(0, 80)}`);
    raw.socket.destroy();
    asked++;
  }
  return { did: `${asked} upgrades elsewhere`, faults: [...faults] };
};

/** A client that logs in, follows and is gone, again and again, on many sockets at once. */
const reconnects: Kind = async ({ url, until, rogue, s }) => {
  await rogue.call(`PUT /v1/circles/${s.slice(0, 36)}/members/me`, {});
  let visits = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const raw = await openGreeted(url, { token: rogue.token, from: addressOf(visits++) });
      raw.socket.write(jsonFrame({ t: 'sub', id: 's', s, last: 50 }));
      await pause(5);
      raw.socket.resetAndDestroy();
    }
  };
  await Promise.all(Array.from({ length: 15 }, lane));
  return { did: `${visits} visits that end at once` };
};

export const connectionKinds = { silent, slow, elsewhere, reconnects } satisfies Record<
  string,
  Kind
>;
