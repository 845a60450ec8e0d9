import { hostname } from 'node:os';
import { clearTimeout, setTimeout } from '../runtime/timers.ts';
import { type Failure, type Run, runState, runs as runsCollection } from '../store/state/runs.ts';
import type { ReadStore } from '../store/store.ts';
import type { Pointers } from './pointers.ts';
import { collectionOf, type Projection } from './projection.ts';
import type { Progress } from './runner/following.ts';

/** What is told of a runner. */
export type Reported = {
  progress(): readonly Progress[];
  /** By the name of the projection. */
  failures(): ReadonlyMap<string, Failure>;
  readonly counters: { readonly events: number };
};

export type ReportOptions = {
  readonly store: Pick<ReadStore, 'prepare' | 'get' | 'put' | 'remove' | 'find'>;
  readonly runner: Reported;
  /** The projections that it runs, and the physical names of their collections, which are asked anew each time. */
  readonly runs: readonly {
    readonly name: string;
    readonly version: number;
    readonly collection: string;
  }[];
  readonly by: Run['by'];
  readonly now: () => number;
};

/** Projections as they are kept at each moment. */
export const runsOf = (
  projections: readonly Pick<Projection, 'name' | 'version'>[],
  pointers: Pick<Pointers, 'of'>,
): ReportOptions['runs'] =>
  projections.map(({ name, version }) => ({
    name,
    version,
    get collection() {
      return pointers.of(collectionOf({ name, version }));
    },
  }));

const lookEveryMs = 250;
/** At least so long between two rows that differ in numbers only; a change of state is told at once. */
const changeMs = 2000;
/** And at most so long, so that who reads can tell a quiet process from one that is gone. */
const quietMs = 10_000;

/**
 * Tells in the collection `runs` how far a runner has come, until the returned function is called, which tells that
 * it has stopped. A store that is away is told later: nobody waits for it.
 */
export const reportRuns = (options: ReportOptions): (() => Promise<void>) => {
  const { store, runs, now } = options;
  const since = now();
  const reports = runs.map(() => new Report());
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const tell = async (isEnd: boolean): Promise<void> => {
    const common = { ...commonOf(options), since, at: now() };
    await Promise.all(
      runs.map(async ({ name, version, collection }, index) => {
        const failure = failureOf(options, name);
        const state = isEnd ? 'stopped' : failure ? 'failed' : common.state;
        const facts = { id: collection, name, version, ...common, state };
        const run: Told = failure ? { ...facts, failure } : facts;
        await reports[index]?.tell(run, runState(store));
      }),
    );
  };
  const tellQuietly = async (isEnd: boolean): Promise<void> => {
    try {
      await tell(isEnd);
    } catch {
      // The next look tells it again.
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

/** What holds for all projections of the runner. */
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

/** The state of a runner whose partitions may stand at different ones: the one to worry about most. */
const stateOf = (progress: readonly Progress[]): Run['state'] => {
  const order = ['failed', 'catching-up', 'live'] as const;
  return order.find((state) => progress.some((part) => part.state === state)) ?? 'stopped';
};

/** What the projection broke on; else what the whole runner broke on. */
const failureOf = ({ runner, now }: ReportOptions, name: string): Failure | undefined => {
  const own = runner.failures().get(name);
  if (own) return own;
  const broken = runner.progress().find(({ state }) => state === 'failed');
  return broken && { message: broken.error?.message ?? 'it has failed', at: now() };
};

/** A row before its rate is known. */
type Told = Omit<Run, 'rate'>;
type RunState = ReturnType<typeof runState>;

/** The row of one projection: what was written of it last, and when. */
class Report {
  #told: Run | undefined;
  #counted: { readonly events: number; readonly at: number; readonly rate: number } | undefined;

  async tell(run: Told, state: RunState): Promise<void> {
    const before = this.#told;
    if (before && !isDue(before, run)) return;
    if (before && run.state === 'stopped' && (await isTaken(state, run))) return;
    // Where a broken one stands is where it was: its runner goes on without it.
    const applied = before && run.state === 'failed' ? before.applied : run.applied;
    const next: Run = { ...run, applied, rate: this.#rate(run) };
    await state.tell(next);
    if (before && before.id !== next.id) await state.forget(before.id);
    this.#told = next;
  }

  #rate({ events, at }: Told): number {
    const before = this.#counted;
    const seconds = before ? (at - before.at) / 1000 : 0;
    if (before && seconds < changeMs / 1000) return before.rate;
    const rate = before ? Math.round((events - before.events) / seconds) : 0;
    this.#counted = { events, at, rate };
    return rate;
  }
}

/** Whether somebody else fills the collection by now: a rebuilt one goes over to the server. */
const isTaken = async (state: RunState, { id, runner }: Told): Promise<boolean> => {
  const row = await state.get(id);
  return row !== undefined && row.runner !== runner;
};

const isDue = (told: Run, now: Told): boolean => {
  if (told.state !== now.state || told.id !== now.id) return true;
  const age = now.at - told.at;
  if (age >= quietMs) return true;
  const isMoved = told.events !== now.events || String(told.heads) !== String(now.heads);
  // The server's own stand in its checkpoints besides, which cost nothing more.
  return isMoved && age >= (now.by === 'server' && now.state === 'live' ? quietMs : changeMs);
};
