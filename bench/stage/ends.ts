import { type Figure, figure, quantile } from './figures.ts';
import { inParallel } from './people.ts';
import type { Subject } from './process.ts';

/** One of the two sizes that are compared. */
export type End<Target> = { readonly label: string; readonly target: Target };

type Work = {
  readonly what: string;
  /** How often it is done at each end. */
  readonly times: number;
  /** How many at once. */
  readonly width: number;
};

type Cost = { readonly ms: number[]; cpuMicros: number; written: number };

/** At each end so many times, in turns: what else the machine does disturbs both. */
const turns = 6;

/** The figures of one cost at both ends, and how much more it is at the second. */
export const ratioOf = (
  what: string,
  [small, large]: readonly [Pick<End<unknown>, 'label'>, Pick<End<unknown>, 'label'>],
  { values, unit }: { readonly values: readonly [number, number]; readonly unit: string },
): Figure[] => [
  figure(`${what}, ${small.label}`, values[0], unit),
  figure(`${what}, ${large.label}`, values[1], unit),
  figure(`${what}, ratio`, values[1] / values[0], '×'),
];

/** How long something takes at each end, once, in ms; for what only happens after a start. */
export const once = async <Target>(
  ends: readonly [End<Target>, End<Target>],
  run: (target: Target) => Promise<unknown>,
): Promise<[number, number]> => {
  const times: number[] = [];
  for (const { target } of ends) {
    const begun = performance.now();
    await run(target);
    times.push(performance.now() - begun);
  }
  return times as [number, number];
};

/** What something costs at two ends: time until it is answered, and processor time of the server. */
export const compare = async <Target>(
  server: Subject,
  ends: readonly [End<Target>, End<Target>],
  { what, times, width, run }: Work & { run: (target: Target, index: number) => Promise<unknown> },
): Promise<Figure[]> => {
  const costs = ends.map((): Cost => ({ ms: [], cpuMicros: 0, written: 0 }));
  const each = Math.ceil(times / turns);
  const turn = async (at: 0 | 1, first: number): Promise<void> => {
    const cost = costs[at] as Cost;
    const [cpu, written] = [server.cpuMicros(), server.written()];
    await inParallel(each, width, async (index) => {
      const begun = performance.now();
      await run(ends[at].target, first + index);
      cost.ms.push(performance.now() - begun);
    });
    cost.cpuMicros += server.cpuMicros() - cpu;
    cost.written += server.written() - written;
  };
  for (let count = 0; count < turns; count++) {
    const order = count % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const at of order) await turn(at, count * each);
  }
  const both = (of: (cost: Cost) => number) =>
    [of(costs[0] as Cost), of(costs[1] as Cost)] as const;
  const total = each * turns;
  return [
    ...ratioOf(`${what}, p50`, ends, { values: both(({ ms }) => quantile(ms, 0.5)), unit: 'ms' }),
    ...ratioOf(`${what}, CPU`, ends, {
      values: both(({ cpuMicros }) => cpuMicros / total),
      unit: 'µs',
    }),
  ];
};
