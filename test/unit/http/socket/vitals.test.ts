import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { closes } from '../../../../src/http/socket/close-codes.ts';
import { Vitals } from '../../../../src/http/socket/vitals.ts';
import { Outlet } from '../../../../src/hub/outlet.ts';

const begin = 1_000_000;
const everyMs = 500;

type Moment = { readonly waiting?: number; readonly taken?: number; readonly reading?: boolean };

/** A connection that is looked at twice a second, as the server does it. */
const watched = () => {
  const vitals = new Vitals(begin);
  const socket = Object.assign(new EventEmitter(), { writableLength: 0, bytesWritten: 0 });
  const outlet = new Outlet(socket as unknown as Socket);
  let now = begin;
  let last: Moment = {};
  /** Looks for so long, or until something comes of it; gives that with the time since the beginning. */
  const watch = (ms: number, change: Moment = {}): (string | number | undefined)[] => {
    last = { ...last, ...change };
    const { waiting = 0, taken = 0, reading = true } = last;
    Object.assign(socket, { writableLength: waiting, bytesWritten: taken + waiting });
    for (const end = now + ms; now < end; ) {
      now += everyMs;
      const verdict = vitals.look(now, outlet, reading);
      if (verdict === 'ping') return ['ping', now - begin];
      if (verdict) return [verdict.code, now - begin];
    }
    return [undefined, now - begin];
  };
  return { watch, sign: () => vitals.sign(now) };
};

test('a client is pinged every 25 s, and closed when no sign of life comes for 10 s [W12]', () => {
  const { watch } = watched();
  expect(watch(60_000)).toEqual(['ping', limits.pingMs]);
  expect(watch(60_000)).toEqual([closes.noPong.code, limits.pingMs + limits.pongMs]);
});

test('any frame is a sign of life, up to the last moment [W12]', () => {
  const { watch, sign } = watched();
  for (let round = 1; round <= 5; round++) {
    expect(watch(60_000)).toEqual(['ping', round * limits.pingMs]);
    watch(limits.pongMs - everyMs);
    sign();
  }
});

test('a sign of life before the ping is none after it', () => {
  const { watch, sign } = watched();
  watch(limits.pingMs - everyMs);
  sign();
  expect(watch(60_000)[0]).toBe('ping');
  expect(watch(60_000)).toEqual([closes.noPong.code, limits.pingMs + limits.pongMs]);
});

test('bytes that are taken while data waits are a sign of life [W12]', () => {
  const { watch } = watched();
  watch(limits.pingMs - everyMs, { waiting: 5000 });
  expect(watch(60_000, { taken: 10 })[0]).toBe('ping');
  watch(limits.pongMs - everyMs);
  watch(everyMs, { taken: 20 });
  expect(watch(limits.pongMs, { waiting: 0 })).toEqual([undefined, expect.any(Number)]);
});

test('while data waits, no pong is expected: the ping may stand behind it [W12]', () => {
  const { watch } = watched();
  watch(60_000);
  expect(watch(15_000, { waiting: 5000, taken: 10 })[0]).toBeUndefined();
});

test('a client that takes nothing for 30 s while data waits is closed [W13]', () => {
  const { watch } = watched();
  expect(watch(20_000, { waiting: 5_000_000 })).toEqual([undefined, 20_000]);
  expect(watch(5000)).toEqual(['ping', limits.pingMs]);
  expect(watch(60_000)).toEqual([closes.slow.code, limits.stalledMs]);
});

test('a slow client is not closed while it takes anything, however little [W13]', () => {
  const { watch } = watched();
  for (let taken = 1; taken <= 10; taken++) {
    let [verdict] = watch(limits.stalledMs - 2 * everyMs, { waiting: 5_000_000, taken });
    if (verdict === 'ping') [verdict] = watch(4000);
    expect(verdict).toBeUndefined();
  }
});

test('a connection that the server does not read is not blamed for its silence [W16]', () => {
  const { watch } = watched();
  expect(watch(60_000)[0]).toBe('ping');
  watch(9000);
  expect(watch(14_000, { reading: false })).toEqual([undefined, 48_000]);
  expect(watch(60_000, { reading: true })).toEqual(['ping', 50_000]);
  expect(watch(60_000)).toEqual([closes.noPong.code, 58_000]);
});

test('nothing waits, nothing is expected: an idle client is only pinged', () => {
  const { watch, sign } = watched();
  const pings: (string | number | undefined)[] = [];
  for (let round = 0; round < 3; round++) {
    pings.push(watch(60_000)[1]);
    sign();
  }
  expect(pings).toEqual([25_000, 50_000, 75_000]);
});
