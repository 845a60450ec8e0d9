import type { Progress } from '../runner/following.ts';

/**
 * Read models that have no more commits than this to apply are read while they catch up, as after any restart; reads
 * wait for what their session was answered.
 */
export const lagMax = 1_000;

/** How far read models are that are being built from the log and cannot be read yet. Numbers are of commits. */
export type Building = {
  /** The names of the models. */
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

export type BuildOptions = {
  readonly models: readonly string[];
  readonly runner: { progress(): readonly Pick<Progress, 'partition' | 'applied' | 'state'>[] };
  /** The end of each partition of the log when the server started. */
  readonly heads: readonly number[];
  readonly monotonic: () => number;
};

/** No rate is known before, in ms. */
const rateMsMin = 3_000;

/**
 * Returns the function that gives the progress of a runner; undefined once it has applied what the log held at the
 * start, up to `lagMax`, and from then on, however far it falls back.
 */
export const trackBuild = (options: BuildOptions): (() => Building | undefined) => {
  const { models, runner, heads, monotonic } = options;
  const total = sum(heads);
  const appliedOf = (progress: ReturnType<typeof runner.progress>): number =>
    sum(progress.map(({ partition, applied }) => Math.min(applied, heads[partition] ?? 0)));
  const first = appliedOf(runner.progress());
  const begun = monotonic();
  let isBuilt = models.length === 0;
  return () => {
    if (isBuilt) return undefined;
    const progress = runner.progress();
    const applied = appliedOf(progress);
    isBuilt = total - applied <= lagMax;
    // A runner that has failed builds nothing more.
    if (isBuilt || progress.some(({ state }) => state === 'failed')) return undefined;
    const ms = monotonic() - begun;
    const rate = ms < rateMsMin ? 0 : Math.round(((applied - first) / ms) * 1000);
    return {
      models,
      applied,
      total,
      percent: Math.floor((applied / total) * 100),
      rate,
      ...(rate > 0 && { secondsLeft: Math.ceil((total - applied) / rate) }),
    };
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** The progress in one line. */
export const textOf = ({ applied, total, percent, rate, secondsLeft }: Building): string => {
  const left = secondsLeft === undefined ? '' : `, ${rate}/s, about ${secondsLeft} s left`;
  return `read models are being built from the log: ${percent} % (${applied} of ${total} commits${left})`;
};
