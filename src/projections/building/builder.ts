import type { EventLog } from '../../events/log.ts';
import { aborted, sleep } from '../../runtime/timers.ts';
import type { ReadStore } from '../../store/store.ts';
import { throttled } from '../rebuild/throttle.ts';
import { reportRuns } from '../reporting.ts';
import type { Runner } from '../runner/following.ts';
import { startRunner } from '../runner/runner.ts';
import { type Building, buildMeter } from './building.ts';
import { type Build, noteBuilds } from './model-plan.ts';

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
  readonly onError: (error: Error) => void;
  readonly now: () => number;
  readonly monotonic: () => number;
};

/** Models that are built beside those that are read. */
export type Builder = {
  /** Undefined once none is being built. */
  progress(): Building | undefined;
  /** Resolves when none is being built, or it was stopped. */
  readonly ended: Promise<void>;
  /** Ends it soon; what was built is continued after the next start. */
  stop(): Promise<void>;
};

const retryMs = 1_000;

/** Posts and reads of other models are hardly delayed by it, as by a rebuild of another process. */
const gentleness = { writesMax: 250, pauseMs: 2 };

/**
 * Builds models with a runner of their own, from their checkpoints on, while another runner follows those that are
 * read; then has that one take them over. One that fails is taken over too, unless another version stands in for it,
 * so that its failure is reported where those of all models are.
 */
export const startBuilder = async (options: BuilderOptions): Promise<Builder> => {
  const { store, builds, heads, onError, monotonic } = options;
  if (builds.length === 0) return nothing;
  const pending = new Set(builds);
  const stopping = new AbortController();
  const { signal } = stopping;
  const filling = await startFilling(options, signal);
  const measure = buildMeter({ runner: filling, heads, monotonic });

  const handOver = async (build: Build): Promise<void> => {
    const { projection, collection: to, standIn } = build;
    const onSwitch = (): void => {
      options.onSwitch(build);
      pending.delete(build);
    };
    const pair = { ...(standIn && { from: standIn.collection }), to };
    const exchanging = options.runner.exchange(projection, pair, onSwitch);
    await Promise.race([exchanging, aborted(signal)]);
    if (!signal.aborted) await noteBuilds(store, pending);
  };
  const run = async (): Promise<void> => {
    const failed = await filling.filled();
    for (const build of builds) {
      if (signal.aborted) return;
      const isKept = build.standIn && failed.has(build.projection.name);
      if (!isKept) await handOver(build).catch(onError);
    }
  };
  let isOver = false;
  const ended = run().finally(() => {
    isOver = true;
  });
  const unread = (): string[] =>
    [...pending].flatMap(({ projection, standIn }) => (standIn ? [] : projection.name));
  return {
    progress: () => (isOver ? undefined : measure(unread())),
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
};

const nothing: Builder = {
  progress: () => undefined,
  ended: Promise.resolve(),
  stop: async () => {},
};

const startFilling = async (options: BuilderOptions, signal: AbortSignal) => {
  const { log, store, builds, onError, now } = options;
  const collections = new Map(builds.map(({ projection, collection }) => [projection, collection]));
  const runner = await startRunner({
    log,
    store: throttled(store, gentleness),
    projections: [...collections.keys()],
    collectionOf: (projection) => collections.get(projection) ?? '',
    onError,
  });
  const runs = builds.map(({ projection: { name, version }, collection }) => ({
    ...{ name, version, collection },
  }));
  const stopReporting = reportRuns({ store, runner, runs, by: 'server', now });
  const caughtUp = async (): Promise<void> => {
    const hasFailed = (): boolean => runner.progress().some(({ state }) => state === 'failed');
    while (!(signal.aborted || hasFailed())) {
      try {
        return await runner.caughtUp();
      } catch {
        // The end of the log could not be read.
        await sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  };
  return {
    progress: () => runner.progress(),
    /** Resolves when everything is applied, with what has failed; also when the signal aborts. Then it has ended. */
    async filled() {
      await Promise.race([caughtUp(), aborted(signal)]);
      const failed = new Set(runner.failures().keys());
      await runner.stop();
      await stopReporting();
      return failed;
    },
  };
};
