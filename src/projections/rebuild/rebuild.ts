import type { EventLog } from '../../events/log.ts';
import { monotonic } from '../../runtime/clock.ts';
import { aborted, sleep } from '../../runtime/timers.ts';
import { type Origin, origins } from '../../store/origins.ts';
import { collectionOf, type Projection } from '../projection.ts';
import type { Progress, Runner } from '../runner/following.ts';
import { startRunner } from '../runner/runner.ts';
import { type Claim, type ClaimOptions, claimRebuild } from './claim.ts';
import { type Throttle, throttled } from './throttle.ts';

/** The two collections of a model that is being rebuilt, by their physical names. */
export type Pair = { readonly live: string; readonly fresh: string };

/** The steps of a rebuild, in order; the second is skipped if an earlier attempt had moved the pointer. */
export type Step =
  | ({ readonly step: 'filling'; readonly isResumed: boolean } & Pair)
  | ({ readonly step: 'comparing' } & Pair)
  | ({ readonly step: 'switched' } & Pair)
  /** Documents differed, and the pointer was not to move. */
  | ({ readonly step: 'abandoned' } & Pair)
  /** The server reads the new collection. */
  | { readonly step: 'taken' }
  /** No process that follows the log has switched over: the next one that starts reads the new collection. */
  | { readonly step: 'left' };

export type RebuildOptions = Omit<ClaimOptions, 'logical' | 'incarnation'> & {
  readonly log: EventLog;
  readonly projection: Projection;
  /** Whether to keep the old collection if documents differ. */
  readonly expectSame: boolean;
  readonly gentleness: Throttle;
  /**
   * Returns how many documents of the two differ; the new collection is not written meanwhile. Rejects when aborted.
   */
  readonly compare: (pair: Pair, signal: AbortSignal) => Promise<number>;
  readonly onStep: (step: Step) => void;
  readonly onProgress: (progress: readonly Progress[]) => void;
  /** Called with each runner that fills the new collection. */
  readonly onRunner?: (runner: Runner, fresh: string) => () => Promise<void>;
  /** When aborted, the rebuild ends soon; started again, it continues from there. */
  readonly signal: AbortSignal;
  /** How long the process that follows the log may take to acknowledge the switch, in ms. */
  readonly answerMs?: number;
};

/**
 * Rebuilds a read model beside the one that is read, and then switches over to it.
 *
 * 1. The row of the model in `origins` is claimed (`claim.ts`): `rebuilding` names the new collection. A runner of
 * its own fills it from the beginning of the log, under its own checkpoints. It is not read.
 * 2. It is compared, brought near the end of the log again, and then one conditional write of the row moves the
 * pointer: `collection` is the new one, `old` the previous one.
 * 3. The process that follows the log with this projection, usually the server, sees the row within a second
 * (`switch-over.ts`): it applies the events to both until both have caught up with each other, reads the new one from
 * that moment on, drops the old one when queries on it have ended, and then removes `old` from the row.
 *
 * If the rebuild is killed before the end of 2, readers notice nothing, and the next attempt continues at the
 * checkpoints. If it is killed between 2 and 3, the next attempt only waits for 3. A server that is killed within 3
 * reads the new collection when it starts, and drops the old one. Two concurrent attempts would fill the same
 * collection, in which each event takes effect once; the second one is refused nevertheless, since the first reports
 * by `beat` that it is alive. All changes of the row are conditional on its previous state, so that a process that
 * was suspended for hours changes nothing that has moved on.
 */
export const rebuild = async (options: RebuildOptions): Promise<Step> => {
  const { log, store, projection } = options;
  const { incarnation } = log.info;
  const claim = await claimRebuild({ ...options, logical: collectionOf(projection), incarnation });
  if (claim === 'switched') return whenTaken(options);
  const { live, fresh } = claim;
  const pair = { live, fresh };
  try {
    const isResumed = (await checkpointsOf(options, fresh)).some((seq) => seq > 0);
    // A collection that was not dropped completely.
    if (!isResumed) await store.drop(fresh);
    options.onStep({ step: 'filling', isResumed, ...pair });
    await following(options, claim, (runner) => runner.caughtUp());
    options.onStep({ step: 'comparing', ...pair });
    const differences = await options.compare(pair, endOf(options, claim));
    if (differences > 0 && options.expectSame) {
      await claim.abandon();
      return report(options, { step: 'abandoned', ...pair });
    }
    await following(options, claim, async (runner) => {
      await runner.caughtUp();
      await nearTo(options, pair, runner);
      await claim.switchOver();
    });
  } finally {
    // What cannot be released now is taken over after a silence.
    await claim.release().catch(() => undefined);
  }
  options.onStep({ step: 'switched', ...pair });
  return whenTaken(options);
};

const report = ({ onStep }: RebuildOptions, step: Step): Step => {
  onStep(step);
  return step;
};

const checkpointsOf = ({ log, store }: RebuildOptions, collection: string): Promise<number[]> =>
  Promise.all(
    Array.from({ length: log.info.partitions }, (_, partition) =>
      store.checkpoint(collection, partition),
    ),
  );

/** Lets the new collection follow the log while the work runs. */
const following = async (
  options: RebuildOptions,
  claim: Claim,
  work: (runner: Runner) => Promise<void>,
): Promise<void> => {
  const { log, store, projection, gentleness, onProgress } = options;
  let running: Runner | undefined;
  const runner = await startRunner({
    log,
    store: throttled(store, gentleness),
    projections: [projection],
    collectionOf: () => claim.fresh,
    onProgress: () => running && onProgress(running.progress()),
  });
  running = runner;
  const stopTelling = options.onRunner?.(runner, claim.fresh);
  try {
    await unlessEnded(endOf(options, claim), work(runner));
  } finally {
    await runner.stop();
    await stopTelling?.();
  }
};

/** Aborts when the attempt is to end, or has lost its right. */
const endOf = ({ signal }: RebuildOptions, { lost }: Claim): AbortSignal =>
  AbortSignal.any([signal, lost]);

/** Rejects immediately when it is aborted. */
const unlessEnded = async <T>(ending: AbortSignal, work: Promise<T>): Promise<T> => {
  const ended = aborted(ending).then(() => ending.throwIfAborted());
  return Promise.race([work, ended as Promise<never>]);
};

/** The time for the last events, in ms. */
const nearMsMax = 60_000;

/** So that a server that starts right after the switch shows nothing older than was shown before. */
const nearTo = async (options: RebuildOptions, { live }: Pair, runner: Runner): Promise<void> => {
  for (const [partition, seq] of (await checkpointsOf(options, live)).entries()) {
    await runner.whenApplied({ partition, seq }, nearMsMax);
  }
};

const lookMs = 200;
/** A following process polls every second; and it may be busy. */
const answerMsDefault = 5_000;
const takenMsMax = 120_000;

/** Waits until the process that follows the log has switched over to the new collection. */
const whenTaken = async (options: RebuildOptions): Promise<Step> => {
  const { store, projection, signal, answerMs = answerMsDefault } = options;
  const begun = monotonic();
  for (;;) {
    const row = await store.get(origins.name, collectionOf(projection));
    const { old, taken } = (row ?? {}) as Partial<Origin>;
    const waited = monotonic() - begun;
    if (old === undefined || taken === 'done') return report(options, { step: 'taken' });
    if (signal.aborted || waited > (taken === undefined ? answerMs : takenMsMax)) {
      return report(options, { step: 'left' });
    }
    await sleep(lookMs, { signal }).catch(() => undefined);
  }
};
