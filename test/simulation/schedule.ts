import { chance as chanceOf } from '../support/generators/chance.ts';

/** What clients do. */
export const deeds = ['post', 'edit', 'delete', 'react', 'leave', 'join', 'cross'] as const;

/** What is disturbed. */
export const faults = [
  'kill',
  'pause',
  'cut-nats',
  'cut-mongodb',
  'drain',
  'clock',
  'storm',
  'lose',
  'part',
  'silence',
  'slow',
] as const;

export type Deed = (typeof deeds)[number];
export type Fault = (typeof faults)[number];

/** Something that is to happen. */
export type Action = {
  /** In ms after the start. */
  readonly at: number;
  readonly kind: Deed | Fault;
  /** Which client or node, which circle or message: at least 0, less than 1. */
  readonly who: number;
  readonly which: number;
  /** How long it lasts, in ms. */
  readonly ms: number;
};

export type Schedule = {
  readonly seed: number;
  readonly nodes: number;
  /** Of calls to a server, how many fail until everything is to recover. */
  readonly failures: number;
  readonly actions: readonly Action[];
};

const deedsMin = 8;
const deedsSpread = 20;
const faultsMax = 5;
const frequent: readonly Deed[] = ['post', 'post', 'post', 'post', 'post', 'cross', ...deeds];

/** A node that says nothing for 5 s counts as dead: short schedules end before, in long ones that matters. */
const spans = {
  short: { playMs: 4000, faultMs: [0, 3000] },
  long: { playMs: 13_000, faultMs: [4500, 9000] },
} as const;
const longRate = 0.3;
/** Of schedules, in how many calls fail also while nothing else is disturbed. */
const unreliableRate = 0.4;
const failuresMax = 0.06;

const isDeed = (kind: string): kind is Deed => (deeds as readonly string[]).includes(kind);

/** Whether an action disturbs something. */
export const isFault = ({ kind }: Action): boolean => !isDeed(kind);

/** The schedule of a seed: what happens when. Delays and losses are drawn from the same seed while it is played. */
export const scheduleOf = (seed: number): Schedule => {
  const chance = chanceOf(seed);
  const { playMs, faultMs } = spans[chance.next() < longRate ? 'long' : 'short'];
  const [shortest, longest] = faultMs;
  const action = (kind: Action['kind']): Action => ({
    at: Math.round(chance.next() * (isDeed(kind) ? playMs : playMs / 2)),
    kind,
    who: chance.next(),
    which: chance.next(),
    ms: Math.round(shortest + chance.next() * (longest - shortest)),
  });
  const drawn = [
    ...Array.from({ length: deedsMin + chance.under(deedsSpread) }, () =>
      action(chance.pick(frequent)),
    ),
    ...Array.from({ length: chance.under(faultsMax + 1) }, () => action(chance.pick(faults))),
  ];
  return {
    seed,
    nodes: 2 + chance.under(2),
    failures: chance.next() < unreliableRate ? chance.next() * failuresMax : 0,
    actions: drawn.toSorted((a, b) => a.at - b.at),
  };
};

/** A line for each action. */
export const describeSchedule = ({ nodes, failures, actions }: Schedule): string =>
  [
    `${nodes} nodes; ${(failures * 100).toFixed(1)} % of calls fail`,
    ...actions.map(({ at, kind, who, which, ms }) => {
      const lasts = isDeed(kind) ? '' : ` for ${ms} ms`;
      return `  at ${String(at).padStart(5)} ms: ${kind} ${who.toFixed(3)} ${which.toFixed(3)}${lasts}`;
    }),
  ].join('\n');
