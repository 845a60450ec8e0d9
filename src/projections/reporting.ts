import { hostname } from 'node:os';
import { clearTimeout, setTimeout } from '../runtime/timers.ts';
import { type Failure, type Run, runState, runs as runsCollection } from '../store/state/runs.ts';
import type { ReadStore } from '../store/store.ts';
import type { Pointers } from './pointers.ts';
import { collectionOf, type Projection } from './projection.ts';
import type { Progress } from './runner/following.ts';

export type Reported = {
  progress(): readonly Progress[];
  /** By the name of the projection. */
  failures(): ReadonlyMap<string, Failure>;
  readonly counters: { readonly events: number };
};

export type ReportedRun = Pick<Run, 'name' | 'version'> & { readonly collection: string };

export type ReportOptions = {
  readonly store: Pick<ReadStore, 'prepare' | 'get' | 'put' | 'remove' | 'find'>;
  readonly runner: Reported;
  /** The projections that it runs, and the physical names of their collections; both are read again each time. */
  readonly runs: Iterable<ReportedRun>;
  readonly by: Run['by'];
  readonly now: () => number;
};

/** A projection and where it is stored, at each moment. */
export const runOf = (
  { name, version }: Pick<Projection, 'name' | 'version'>,
  pointers: Pick<Pointers, 'of'>,
): ReportedRun => ({
  name,
  version,
  get collection() {
    return pointers.of(collectionOf({ name, version }));
  },
});

const lookEveryMs = 250;
/** The least time between two rows that differ only in numbers, in ms; a change of state is reported immediately. */
const changeMs = 2000;
/** The most time between two rows, in ms, so that a reader can tell an idle process from one that has ended. */
const quietMs = 10_000;

/**
 * Reports the progress of a runner in the collection `runs`, until the returned function is called, which reports
 * that it has stopped. While the store is unavailable, nothing waits for the report.
 */
export const reportRuns = (options: ReportOptions): (() => Promise<void>) => {
  const { store, runs, now } = options;
  const since = now();
  const reports = new Map<ReportedRun, Report>();
  const reportOf = (run: ReportedRun): Report => {
    const report = reports.get(run) ?? new Report();
    reports.set(run, report);
    return report;
  };
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const report = async (isEnd: boolean): Promise<void> => {
    const common = { ...commonOf(options), since, at: now() };
    await Promise.all(
      [...runs].map(async (reported) => {
        const { name, version, collection } = reported;
        const failure = failureOf(options, name);
        const state = isEnd ? 'stopped' : failure ? 'failed' : common.state;
        const facts = { id: collection, name, version, ...common, state };
        const run: Unrated = failure ? { ...facts, failure } : facts;
        await reportOf(reported).report(run, runState(store));
      }),
    );
  };
  const tellQuietly = async (isEnd: boolean): Promise<void> => {
    try {
      await report(isEnd);
    } catch {
      // The next round reports it again.
    }
  };
  const look = async (): Promise<void> => {
    await tellQuietly(false);
    if (!stopped) timer = setTimeout(() => (looking = look()), lookEveryMs).unref();
  };
  const begin = async (): Promise<void> => {
    await store.prepare([runsCollection]).catch(() => undefined);
    await look();
  };
  let looking = begin();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await looking;
    await tellQuietly(true);
  };
};

/** What is the same for all projections of the runner. */
const commonOf = ({ runner, by }: ReportOptions) => {
  const progress = runner.progress();
  const applied = progress.map((part) => part.applied);
  const heads = progress.map(({ head }) => head);
  const me = `${hostname()}/${process.pid}`;
  return {
    by,
    runner: me,
    state: stateOf(progress),
    applied,
    heads,
    events: runner.counters.events,
  };
};

/** The state of a runner whose partitions may be in different states: the worst of them. */
export const stateOf = (progress: readonly Progress[]): Run['state'] => {
  const order = ['failed', 'catching-up', 'live'] as const;
  return order.find((state) => progress.some((part) => part.state === state)) ?? 'stopped';
};

/** The failure of the projection; else that of the whole runner. */
export const failureOf = (
  { runner, now }: Pick<ReportOptions, 'runner' | 'now'>,
  name: string,
): Failure | undefined => {
  const own = runner.failures().get(name);
  if (own) return own;
  const broken = runner.progress().find(({ state }) => state === 'failed');
  return broken && { message: broken.error?.message ?? 'it has failed', at: now() };
};

/** A row before its rate is known. */
type Unrated = Omit<Run, 'rate'>;
type RunState = ReturnType<typeof runState>;

/** The row of one projection: what was last written of it, and when. */
class Report {
  #reported: Run | undefined;
  #counted: { readonly events: number; readonly at: number; readonly rate: number } | undefined;

  async report(run: Unrated, state: RunState): Promise<void> {
    const before = this.#reported;
    if (before && !isDue(before, run)) return;
    if (before && run.state === 'stopped' && (await isTaken(state, run))) return;
    // A failed one stays where it was: its runner goes on without it.
    const applied = before && run.state === 'failed' ? before.applied : run.applied;
    const next: Run = { ...run, applied, rate: this.#rate(run) };
    await state.report(next);
    if (before && before.id !== next.id) await state.forget(before.id);
    this.#reported = next;
  }

  #rate({ events, at }: Unrated): number {
    const before = this.#counted;
    const seconds = before ? (at - before.at) / 1000 : 0;
    if (before && seconds < changeMs / 1000) return before.rate;
    const rate = before ? Math.round((events - before.events) / seconds) : 0;
    this.#counted = { events, at, rate };
    return rate;
  }
}

/** Whether another process fills the collection: a rebuilt one is handed over to the server. */
const isTaken = async (state: RunState, { id, runner }: Unrated): Promise<boolean> => {
  const row = await state.get(id);
  return row !== undefined && row.runner !== runner;
};

const isDue = (reported: Run, now: Unrated): boolean => {
  if (reported.state !== now.state || reported.id !== now.id) return true;
  const age = now.at - reported.at;
  if (age >= quietMs) return true;
  const isMoved = reported.events !== now.events || String(reported.heads) !== String(now.heads);
  // The server's own positions are in its checkpoints as well, which cost nothing more.
  return isMoved && age >= (now.by === 'server' && now.state === 'live' ? quietMs : changeMs);
};
