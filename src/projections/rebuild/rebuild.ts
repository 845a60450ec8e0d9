import type { EventLog } from '../../events/log.ts';
import { monotonic } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import { type Origin, origins } from '../../store/origins.ts';
import type { ReadStore } from '../../store/store.ts';
import { collectionOf, type Projection } from '../projection.ts';
import type { Progress, Runner } from '../runner/following.ts';
import { startRunner } from '../runner/runner.ts';
import { type Claim, claimRebuild, type Pulse } from './claim.ts';
import { type Throttle, throttled } from './throttle.ts';

/** The two collections of a model that is being rebuilt, by their physical names. */
export type Pair = { readonly live: string; readonly fresh: string };

/** What a rebuild comes to, in order; the second is passed over if an earlier attempt had come to the switch. */
export type Step =
  | ({ readonly step: 'filling'; readonly isResumed: boolean } & Pair)
  | ({ readonly step: 'comparing' } & Pair)
  | ({ readonly step: 'switched' } & Pair)
  /** Those that differ were not to be switched. */
  | ({ readonly step: 'abandoned' } & Pair)
  /** The server reads the new one. */
  | { readonly step: 'taken' }
  /** No process that follows the log has taken it up: the next one that starts reads the new one. */
  | { readonly step: 'left' };

export type RebuildOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly projection: Projection;
  /** A name for this attempt that no other one has. */
  readonly by: string;
  readonly isOver: (by: string) => boolean;
  /** Whether what an earlier attempt has filled is thrown away. */
  readonly anew: boolean;
  /** Whether nothing is switched if documents differ. */
  readonly expectSame: boolean;
  readonly gentleness: Throttle;
  /** Says how many documents differ in the two, of which the new one is not written meanwhile. Rejects when aborted. */
  readonly compare: (pair: Pair, signal: AbortSignal) => Promise<number>;
  readonly onStep: (step: Step) => void;
  readonly onProgress: (progress: readonly Progress[]) => void;
  /** Told of each runner that fills the new collection. */
  readonly onRunner?: (runner: Runner, fresh: string) => () => Promise<void>;
  /** Aborted: it ends soon, and goes on from there when it is started again. */
  readonly signal: AbortSignal;
  readonly pulse?: Pulse;
  /** How long whoever follows the log may take to answer that it has seen the switch, in ms. */
  readonly answerMs?: number;
};

/**
 * Builds a read model anew beside the one that is read, and then lets people read it.
 *
 * 1. The row of the model in `origins` is claimed (`claim.ts`): `rebuilding` names the new collection. It is filled
 *    from the beginning of the log by a runner of its own, under its own checkpoints. Nobody reads it.
 * 2. It is compared, brought near the end of the log again, and then one conditional write of the row moves the
 *    pointer: `collection` is the new one, `old` what was read until then.
 * 3. Whoever follows the log with this projection, the server as a rule, sees the row within a second (`taking.ts`):
 *    it applies the events to both until both have come as far as all that it shows, reads the new one from that
 *    moment on, drops the one before when queries on it are over, and then removes `old` from the row.
 *
 * Killed before 2 is over, nothing has changed for readers, and the next attempt goes on at the checkpoints. Killed
 * between 2 and 3, the next attempt waits for 3 alone. A server that is killed within 3 reads the new one when it is
 * started, and drops the one before, since nobody has begun to read that. Both attempts of two at once would fill
 * the same collection, in which each event takes effect once; the second one is refused all the same, since the
 * first shows by `beat` that it lives. All changes of the row say what it must be before, so that a process that was
 * stopped for hours changes nothing that has moved on.
 */
export const rebuild = async (options: RebuildOptions): Promise<Step> => {
  const { log, store, projection, by, isOver, anew, pulse } = options;
  const logical = collectionOf(projection);
  const { incarnation } = log.info;
  const asked = { store, logical, incarnation, by, isOver, anew, ...(pulse && { pulse }) };
  const claim = await claimRebuild(asked);
  if (claim === 'switched') return whenTaken(options);
  const { live, fresh } = claim;
  const pair = { live, fresh };
  try {
    const isResumed = (await placesOf(options, fresh)).some((place) => place > 0);
    // What is left there was not dropped to the end.
    if (!isResumed) await store.drop(fresh);
    options.onStep({ step: 'filling', isResumed, ...pair });
    await following(options, claim, (runner) => runner.caughtUp());
    options.onStep({ step: 'comparing', ...pair });
    const differences = await options.compare(pair, endOf(options, claim));
    if (differences > 0 && options.expectSame) {
      await claim.abandon();
      return told(options, { step: 'abandoned', ...pair });
    }
    await following(options, claim, async (runner) => {
      await runner.caughtUp();
      await nearTo(options, pair, runner);
      await claim.switchOver();
    });
  } finally {
    // What cannot be released now is taken over when it has been silent for a while.
    await claim.release().catch(() => undefined);
  }
  options.onStep({ step: 'switched', ...pair });
  return whenTaken(options);
};

const told = ({ onStep }: RebuildOptions, step: Step): Step => {
  onStep(step);
  return step;
};

const placesOf = ({ log, store }: RebuildOptions, collection: string): Promise<number[]> =>
  Promise.all(
    Array.from({ length: log.info.partitions }, (_, partition) =>
      store.checkpoint(collection, partition),
    ),
  );

/** Lets the new collection follow the log for as long as the work takes. */
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

/** Rejects at once when it is aborted. */
const unlessEnded = async <T>(ending: AbortSignal, work: Promise<T>): Promise<T> => {
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(ending.reason as Error);
    if (ending.aborted) end();
    else ending.addEventListener('abort', end, { once: true });
  });
  return Promise.race([work, ended]);
};

/** How long the last events may take, in ms. */
const nearMsMax = 60_000;

/** So that a server that starts right after the switch shows nothing older than what was shown before. */
const nearTo = async (options: RebuildOptions, { live }: Pair, runner: Runner): Promise<void> => {
  for (const [partition, seq] of (await placesOf(options, live)).entries()) {
    await runner.whenApplied({ partition, seq }, nearMsMax);
  }
};

const lookMs = 200;
/** A process that follows looks each second; and it is busy, perhaps. */
const answerMsDefault = 5_000;
const takenMsMax = 120_000;

/** Waits until whoever follows the log has taken the new collection up. */
const whenTaken = async (options: RebuildOptions): Promise<Step> => {
  const { store, projection, signal, answerMs = answerMsDefault } = options;
  const begun = monotonic();
  for (;;) {
    const row = await store.get(origins.name, collectionOf(projection));
    const { old, taken } = (row ?? {}) as Partial<Origin>;
    const waited = monotonic() - begun;
    if (old === undefined || taken === 'done') return told(options, { step: 'taken' });
    if (signal.aborted || waited > (taken === undefined ? answerMs : takenMsMax)) {
      return told(options, { step: 'left' });
    }
    await sleep(lookMs, { signal }).catch(() => undefined);
  }
};
