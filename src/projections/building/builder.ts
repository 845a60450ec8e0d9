import type { EventLog } from '../../events/log.ts';
import { aborted, sleep } from '../../runtime/timers.ts';
import { type ReadStore, StoreUnavailable } from '../../store/store.ts';
import type { Runner } from '../runner/following.ts';
import { Signal } from '../runner/signal.ts';
import { type Building, buildMeter } from './building.ts';
import { type Filling, startFilling } from './filling.ts';
import {
  type Build,
  isFilled,
  noteBuilds,
  noteFilled,
  noteFilling,
  noteTaken,
} from './model-plan.ts';

export type BuilderOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly builds: readonly Build[];
  /** The end of each partition of the log when the server started. */
  readonly heads: readonly number[];
  /** Follows the models that are read; takes over each that is built. */
  readonly runner: Pick<Runner, 'exchange'>;
  /** Called at the moment from which the model is to be read from its own collection. */
  readonly onSwitch: (build: Build) => void;
  /** Whether there is nothing to wait for any more: the model has failed on a node, or was rebuilt. */
  readonly isOver: (build: Build) => boolean;
  readonly onError: (error: Error) => void;
  readonly now: () => number;
  readonly monotonic: () => number;
};

/** Models that are built beside those that are read. */
export type Builder = {
  /** Undefined once none is being built. */
  progress(): Building | undefined;
  /** Fills the models, for all nodes; returns a function that ends it, so that another node continues. */
  fill(): () => Promise<void>;
  /** Resolves when none is being built, or it was stopped. */
  readonly ended: Promise<void>;
  /** Ends it soon; what was built is continued after the next start. */
  stop(): Promise<void>;
};

const retryMs = 1000;
/** How often a node looks how far the one is that fills the models, in ms. */
const lookMs = 1000;
/** A model that was filled before, and is further behind by now, is filled again first. */
const joinLagMax = 20_000;
/**
 * If a model comes no nearer to the end of the log for so long, in ms, no node fills it: the one that leads may be of an
 * earlier version. Then this one does; two at once are harmless.
 */
const idleMsMax = 15_000;

const nothing = ({ store, onError }: BuilderOptions): Builder => ({
  progress: () => undefined,
  fill() {
    const noted = noteBuilds(store, []).catch(onError);
    return () => noted;
  },
  ended: Promise.resolve(),
  stop: async () => {},
});

/**
 * Builds models from their checkpoints on, with a runner of its own on the node that calls `fill`, while another runner
 * follows those that are read; on every node that one takes them over when they are filled. One that fails is taken
 * over too, unless another version stands in for it, so that its failure is reported where those of all models are.
 */
export const startBuilder = async (options: BuilderOptions): Promise<Builder> => {
  const { builds, heads, monotonic } = options;
  if (builds.length === 0) return nothing(options);
  const stopping = new AbortController();
  const state: State = {
    pending: new Set(builds),
    waiting: new Set(builds),
    ready: new Set(),
    changed: new Signal(),
    nearest: { lag: Number.POSITIVE_INFINITY, since: monotonic() },
    stored: await storedPositions(options),
    filling: undefined,
  };
  const progress = () => state.filling?.progress() ?? state.stored;
  const measure = buildMeter({ runner: { progress }, heads, monotonic });
  let isOver = false;
  const ended = takeOver(options, state, stopping.signal).finally(() => {
    isOver = true;
  });
  const unread = (): string[] =>
    [...state.pending].flatMap(({ projection, standIn }) => (standIn ? [] : projection.name));
  return {
    progress: () => (isOver ? undefined : measure(unread())),
    fill() {
      const ending = new AbortController();
      const signal = AbortSignal.any([ending.signal, stopping.signal]);
      const filled = noteBuilds(options.store, state.pending)
        .catch(options.onError)
        .then(() => fill(options, state, signal));
      return () => {
        ending.abort();
        return filled;
      };
    },
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
};

type State = {
  /** The models that are not read yet. */
  readonly pending: Set<Build>;
  /** Those of them that are not being taken over yet. */
  readonly waiting: Set<Build>;
  /** Those that were filled here, or have failed. */
  readonly ready: Set<Build>;
  /** Fired when a model is ready. */
  readonly changed: Signal;
  /** The least known lag of what is filled elsewhere, and since when, in ms. */
  nearest: { readonly lag: number; readonly since: number };
  /** How far all are in each partition, as another node has stored them. */
  stored: readonly Position[];
  filling: Filling | undefined;
};
type Position = Awaited<ReturnType<typeof storedPositions>>[number];

const storedPositions = ({ log, store, builds }: BuilderOptions) =>
  Promise.all(
    Array.from({ length: log.info.partitions }, async (_, partition) => {
      const checkpoints = builds.map(({ collection }) => store.checkpoint(collection, partition));
      return {
        partition,
        applied: Math.min(...(await Promise.all(checkpoints))),
        state: 'live',
      } as const;
    }),
  );

/** Fills all that are not read yet, and notes it where the other nodes look. */
const fill = async (options: BuilderOptions, state: State, signal: AbortSignal): Promise<void> => {
  while (state.pending.size > 0 && !signal.aborted) {
    try {
      return await fillOnce(options, state, signal);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) options.onError(error as Error);
      await sleep(retryMs, { signal }).catch(() => undefined);
    }
  }
};

const fillOnce = async (
  options: BuilderOptions,
  state: State,
  signal: AbortSignal,
): Promise<void> => {
  const builds = [...state.pending];
  for (const build of builds) await noteFilling(options.store, build);
  state.filling = await startFilling({ ...options, builds }, signal);
  const failed = await state.filling.filled();
  state.stored = state.filling.progress().map((each) => ({ ...each, state: 'live' }));
  state.filling = undefined;
  if (signal.aborted) return;
  for (const build of builds) {
    const hasFailed = failed.has(build.projection.name);
    if (!hasFailed) await noteFilled(options.store, build);
    if (hasFailed && build.standIn) state.waiting.delete(build);
    else state.ready.add(build);
  }
  state.changed.fire();
};

/** Takes each model over once it is filled, here or by another node; resolves when there is no other. */
const takeOver = async (
  options: BuilderOptions,
  state: State,
  signal: AbortSignal,
): Promise<void> => {
  const taking: Promise<void>[] = [];
  let changed = state.changed.next();
  while (state.waiting.size > 0 && !signal.aborted) {
    for (const build of await filledOf(options, state)) {
      state.waiting.delete(build);
      taking.push(handOver(options, state, { build, signal }).catch(options.onError));
    }
    if (state.waiting.size === 0) break;
    if (isIdle(options, state)) taking.push(fill(options, state, signal));
    const late = sleep(lookMs, { signal, ref: false }).catch(() => undefined);
    const isChanged = await Promise.race([late, changed.then(() => true)]);
    if (isChanged) changed = state.changed.next();
  }
  await Promise.all(taking);
};

/** Those that are filled, here or, as far as is known, elsewhere. */
const filledOf = async (options: BuilderOptions, state: State): Promise<Build[]> => {
  const isNear = !state.filling && (await look(options, state));
  const filled: Build[] = [];
  for (const build of [...state.waiting]) {
    if (drop(options, state, build)) continue;
    const isTaken = state.ready.has(build) || (isNear && (await isFilled(options.store, build)));
    if (isTaken) filled.push(build);
  }
  return filled;
};

/** Gives up a build for which there is nothing to wait for. */
const drop = ({ isOver, onSwitch }: BuilderOptions, state: State, build: Build): boolean => {
  if (state.ready.has(build) || !isOver(build)) return false;
  state.waiting.delete(build);
  state.pending.delete(build);
  onSwitch(build);
  return true;
};

/** Looks how far the models are; returns whether they are near the end of the log. */
const look = async (options: BuilderOptions, state: State): Promise<boolean> => {
  const { log, monotonic } = options;
  try {
    const stored = await storedPositions(options);
    const heads = await Promise.all(stored.map(({ partition }) => log.head(partition)));
    const lag = stored.reduce((sum, { applied }, at) => sum + (heads[at] ?? 0) - applied, 0);
    if (!state.filling) state.stored = stored;
    if (lag < state.nearest.lag) state.nearest = { lag, since: monotonic() };
    return lag <= joinLagMax;
  } catch {
    // While log or store are unavailable, nothing is known.
    return false;
  }
};

/** Whether no node fills the models. */
const isIdle = ({ monotonic }: BuilderOptions, state: State): boolean => {
  if (state.filling || monotonic() - state.nearest.since < idleMsMax) return false;
  state.nearest = { ...state.nearest, since: monotonic() };
  return true;
};

type HandOver = { readonly build: Build; readonly signal: AbortSignal };

const handOver = async (
  { store, runner, onSwitch }: BuilderOptions,
  state: State,
  { build, signal }: HandOver,
): Promise<void> => {
  const { projection, collection: to, standIn } = build;
  const switched = (): void => {
    onSwitch(build);
    state.pending.delete(build);
  };
  const pair = { ...(standIn && { from: standIn.collection }), to };
  await Promise.race([runner.exchange(projection, pair, switched), aborted(signal)]);
  if (state.ready.has(build) && !signal.aborted) await noteTaken(store, build);
};
