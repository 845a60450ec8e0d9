import type { Progress } from '../runner/following.ts';

/**
 * Read models that have no more commits than this to apply are read while they catch up, as after any restart; reads
 * wait for what their session was answered.
 */
export const lagMax = 1_000;

/** How far read models are that are being built from the log. Numbers are of commits. */
export type Building = {
  /** The names of those that cannot be read yet. */
  readonly models: readonly string[];
  readonly applied: number;
  /** What the log held when the server started. */
  readonly total: number;
  /** Rounded down. */
  readonly percent: number;
  /** Commits a second, on average. */
  readonly rate: number;
  /** Absent until there is a rate. */
  readonly secondsLeft?: number;
};

export type MeterOptions = {
  readonly runner: { progress(): readonly Pick<Progress, 'partition' | 'applied' | 'state'>[] };
  /** The end of each partition of the log when the server started. */
  readonly heads: readonly number[];
  readonly monotonic: () => number;
};

/** No rate is known before, in ms. */
const rateMsMin = 3_000;

/** Returns the function that measures how far a runner is since now. */
export const buildMeter = ({ runner, heads, monotonic }: MeterOptions) => {
  const total = sum(heads);
  const reached = (): number =>
    sum(
      runner.progress().map(({ partition, applied }) => Math.min(applied, heads[partition] ?? 0)),
    );
  const first = reached();
  const begun = monotonic();
  return (models: readonly string[]): Building => {
    const applied = reached();
    const ms = monotonic() - begun;
    const rate = ms < rateMsMin ? 0 : Math.round(((applied - first) / ms) * 1000);
    return {
      models,
      applied,
      total,
      percent: total === 0 ? 100 : Math.floor((applied / total) * 100),
      rate,
      ...(rate > 0 && { secondsLeft: Math.ceil((total - applied) / rate) }),
    };
  };
};

export type CatchUpOptions = MeterOptions & { readonly models: readonly string[] };

/**
 * Returns the function that gives the progress of a runner until it has applied what the log held at the start, up to
 * `lagMax`; undefined from then on, however far it falls back.
 */
export const catchUp = ({ models, ...options }: CatchUpOptions): (() => Building | undefined) => {
  const { runner } = options;
  const measure = buildMeter(options);
  let isOver = false;
  return () => {
    // A runner that has failed builds nothing more.
    if (isOver || runner.progress().some(({ state }) => state === 'failed')) return undefined;
    const building = measure(models);
    isOver = building.total - building.applied <= lagMax;
    return isOver ? undefined : building;
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** The progress in one line. */
export const textOf = ({ applied, total, percent, rate, secondsLeft }: Building): string => {
  const left = secondsLeft === undefined ? '' : `, ${rate}/s, about ${secondsLeft} s left`;
  return `read models are being built from the log: ${percent} % (${applied} of ${total} commits${left})`;
};
