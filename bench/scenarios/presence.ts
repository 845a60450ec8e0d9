import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from '../stage/figures.ts';
import { Listener } from '../stage/listener.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { circleOf, inParallel, register } from '../stage/people.ts';

const followers = 5000;
const perPerson = 20;
const visitors = 100;
/** Each visitor comes and goes once in this time, so 50 of them come or go a second. */
const cycleMs = 4000;
const seconds = 16;

/** A socket that says hello, and follows these. */
const open = (url: string, token: string, names: readonly string[]): Promise<Listener> =>
  Listener.open(`${url}/v1/connect`, {
    frames: [
      JSON.stringify({ t: 'hello', id: 'h', v: 1, token }),
      ...names.map((s, at) => JSON.stringify({ t: 'sub', id: `${at}`, s })),
      JSON.stringify({ t: 'unsub', id: 'last', s: 'me' }),
    ],
    until: '"id":"last"',
    needle: '"k":"presence"',
  });

/** Somebody who comes and goes until the time is over. */
const visit = async (url: string, token: string, { at, until }: { at: number; until: number }) => {
  await sleep((cycleMs / visitors) * at);
  while (performance.now() < until) {
    const begun = performance.now();
    const socket = await open(url, token, []);
    await sleep(Math.max(0, begun + cycleMs / 2 - performance.now()));
    socket.close();
    await sleep(Math.max(0, begun + cycleMs - performance.now()));
  }
};

/** What it costs to tell 5,000 connections that 50 people come or go a second, beside the coming and going alone. */
export const presence = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const people = await inParallel(followers / perPerson + visitors, 4, () => register(server.url));
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody');
  const circle = await circleOf(server.url, owner, others);

  const churn = async (): Promise<number> => {
    const until = performance.now() + seconds * 1000;
    const cpu = server.cpuMicros();
    const guests = people.slice(-visitors);
    await Promise.all(guests.map(({ token }, at) => visit(server.url, token, { at, until })));
    return (server.cpuMicros() - cpu) / (seconds * 1e6);
  };
  const alone = await churn();
  const sockets = await inParallel(followers, 20, (at) =>
    open(server.url, people[Math.floor(at / perPerson)]?.token ?? '', [circle]),
  );
  await sleep(3 * cycleMs);
  const counted = () => sockets.reduce((sum, socket) => sum + socket.counted, 0);
  const before = counted();
  const begun = performance.now();
  const followed = await churn();
  const frames = counted() - before;
  const elapsed = (performance.now() - begun) / 1000;
  for (const socket of sockets) socket.close();
  await server.stop();
  return [
    figure('presence frames, all 5,000 together', frames / elapsed, '/s'),
    figure('presence frames, each', frames / followers / elapsed, '/s'),
    figure('server CPU, 50 come or go a second', 100 * followed, '% of a core'),
    figure('the same with nobody following', 100 * alone, '% of a core'),
  ];
};
