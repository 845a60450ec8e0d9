import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Curve, curve } from '../stage/curve.ts';
import { type Figure, figure, quantile } from '../stage/figures.ts';
import type { Flooded, FloodOrders, Load } from '../stage/flood.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { circleOf, inParallel, type Person, register } from '../stage/people.ts';
import { inheritedEnvironment, type Subject } from '../stage/process.ts';
import { type Noticed, type Regular, Regulars } from '../stage/regulars.ts';

const circles = 8;
const floodersEach = 8;
/** Those who post now and then: as many in a circle of their own as in the circles that are flooded. */
const regularsEach = 12;
/** Connections of a flooder. */
const connectionsEach = 16;
/** So many posts in flight keep a server busy. */
const inFlight = 256;
/** What happens before counts for nothing. */
const settleMs = 2000;
const ms = 6000;
/** Multiples of what was acknowledged with so many in flight. */
const levels = [0.25, 0.5, 0.75, 1, 1.5, 2, 3];

type Scene = { readonly flooders: FloodOrders['flooders']; readonly regulars: readonly Regular[] };

const gather = async (url: string): Promise<Scene> => {
  const people = await inParallel(circles * floodersEach + 2 * regularsEach, 4, () =>
    register(url),
  );
  const crowd = people.splice(0, circles * floodersEach);
  const [first, ...others] = people.splice(0, regularsEach);
  if (!first) throw new Error('nobody');
  const flooders: { token: string; s: string }[] = [];
  const regulars: Regular[] = [];
  for (let at = 0; at < circles; at++) {
    const [owner, ...members] = crowd.splice(0, floodersEach);
    if (!owner) throw new Error('nobody');
    const among = people.filter((_, index) => index % circles === at);
    const id = await circleOf(url, owner, [...members, ...among]);
    const s = `${id}/${id}`;
    for (const { token } of [owner, ...members]) {
      flooders.push(...Array.from({ length: connectionsEach }, () => ({ token, s })));
    }
    regulars.push(...among.map((person) => ({ person, s })));
  }
  const own = await circleOf(url, first, others);
  const inOwn = (person: Person): Regular => ({ person, s: `${own}/${own}` });
  return { flooders, regulars: [first, ...others].map(inOwn).concat(regulars) };
};

/** The flood, from a process of its own. */
const startFlood = (orders: FloodOrders) => {
  const child = fork('bench/stage/flood.ts', {
    execArgv: ['--import', 'tsx'],
    env: inheritedEnvironment(),
    serialization: 'advanced',
  });
  process.once('exit', () => child.kill('SIGKILL'));
  child.send(orders);
  return {
    async load(load: Load): Promise<Flooded> {
      child.send(load);
      const [result] = await once(child, 'message');
      return result as Flooded;
    },
    stop: () => child.kill('SIGKILL'),
  };
};

const columns = [
  'offered',
  'goodput /s',
  'refused %',
  'p50 ms',
  'p99 ms',
  "others' p50",
  "others' p99",
  'live p99',
  'page p99',
  'refusals',
  'CPU µs',
  'RSS MiB',
] as const;

type Row = {
  readonly level: number;
  readonly flooded: Flooded;
  readonly noticed: Noticed;
  readonly mib: number;
  readonly micros: number;
};

const cellsOf = ({ flooded, noticed, mib, micros }: Row): number[] => [
  flooded.offered / flooded.seconds,
  flooded.acknowledged / flooded.seconds,
  (flooded.refused / flooded.offered) * 100,
  quantile(flooded.latencies, 0.5),
  quantile(flooded.latencies, 0.99),
  quantile(noticed.posts, 0.5),
  quantile(noticed.posts, 0.99),
  quantile(noticed.arrivals, 0.99),
  quantile(noticed.pages, 0.99),
  noticed.refusals + noticed.failures,
  micros / flooded.acknowledged,
  mib,
];

/** The most memory that a process had while something ran, in MiB. */
const peakOf = async <T>(server: Subject, work: Promise<T>): Promise<[T, number]> => {
  let peak = server.memory();
  const timer = setInterval(() => {
    peak = Math.max(peak, server.memory());
  }, 100);
  const result = await work.finally(() => clearInterval(timer));
  return [result, peak / 2 ** 20];
};

const figuresOf = (saturation: number, rows: readonly Row[]): Figure[] => {
  const goodputs = rows.map(({ flooded }) => flooded.acknowledged / flooded.seconds);
  const peak = Math.max(...goodputs);
  const p99 = (level: number): number =>
    quantile(rows.find((row) => row.level === level)?.noticed.posts ?? [], 0.99);
  return [
    figure('acknowledged posts, 256 in flight', saturation, '/s'),
    figure('acknowledged posts, at most', peak, '/s'),
    figure(
      'acknowledged posts at 3 times saturation, of that',
      ((goodputs.at(-1) ?? 0) / peak) * 100,
      '%',
    ),
    figure("others' p99 at saturation", p99(1), 'ms'),
    figure("others' p99 at 3 times saturation", p99(3), 'ms'),
  ];
};

/**
 * A load that does not slow down when the server does, up to 3 times what the server can do, and what others notice:
 * people who post at a low rate, half of them in the same circles.
 */
export const overload = async (place: Place): Promise<{ figures: Figure[]; curve: Curve }> => {
  const server = await startOshi(place);
  const { flooders, regulars } = await gather(server.url);
  const flood = startFlood({ url: server.url, flooders });
  const others = await Regulars.open(server.url, regulars);
  const full = await flood.load({ inFlight, settleMs, ms });
  const saturation = full.acknowledged / full.seconds;
  const rows: Row[] = [];
  for (const level of levels) {
    const load = flood.load({ perSecond: saturation * level, settleMs, ms });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const both = Promise.all([load, others.live(ms / 1000)]);
    const before = server.cpuMicros();
    const [[flooded, noticed], mib] = await peakOf(server, both);
    const micros = server.cpuMicros() - before;
    rows.push({ level, flooded, noticed, mib, micros });
  }
  others.close();
  flood.stop();
  await server.stop();
  return {
    figures: figuresOf(saturation, rows),
    curve: curve(
      ['load', ...columns],
      rows.map((row) => [row.level, ...cellsOf(row)]),
    ),
  };
};
