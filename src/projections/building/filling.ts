import type { EventLog } from '../../events/log.ts';
import { aborted, sleep } from '../../runtime/timers.ts';
import type { ReadStore } from '../../store/store.ts';
import { throttled } from '../rebuild/throttle.ts';
import { reportRuns } from '../reporting.ts';
import type { Progress } from '../runner/following.ts';
import { startRunner } from '../runner/runner.ts';
import type { Build } from './model-plan.ts';

export type FillingOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly builds: readonly Build[];
  readonly onError: (error: Error) => void;
  readonly now: () => number;
};

/** A runner that fills models up to the end of the log. */
export type Filling = {
  progress(): readonly Progress[];
  /** Resolves when everything is applied, with what has failed; also when the signal aborts. Then it has ended. */
  filled(): Promise<ReadonlySet<string>>;
};

const retryMs = 1_000;

/** Posts and reads of other models are hardly delayed by it, as by a rebuild of another process. */
const gentleness = { writesMax: 250, pauseMs: 2 };

export const startFilling = async (
  { log, store, builds, onError, now }: FillingOptions,
  signal: AbortSignal,
): Promise<Filling> => {
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
    async filled() {
      await Promise.race([caughtUp(), aborted(signal)]);
      const failed = new Set(runner.failures().keys());
      await runner.stop();
      await stopReporting();
      return failed;
    },
  };
};
