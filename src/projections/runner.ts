import type { EventLog, Position } from '../events/log.ts';
import { collectionOf, type Projection } from './projection.ts';
import { Follower } from './runner/follower.ts';
import { thinned } from './runner/reports.ts';
import { translator } from './runner/translation.ts';
import type { ReadStore } from './store.ts';

/** How far a runner has come in one partition. */
export type Progress = {
  readonly partition: number;
  readonly state: 'catching-up' | 'live' | 'failed' | 'stopped';
  /** The place up to which everything is applied. */
  readonly applied: number;
  /** The newest place that is known of the partition. */
  readonly head: number;
  readonly error?: Error;
};

/** A set of projections that follow the log together, with one scan. */
export type Runner = {
  /**
   * Resolves when everything up to the position is applied; rejects with a `TimeoutError` (DOMException) after
   * `timeoutMs`.
   */
  whenApplied(position: Position, timeoutMs: number): Promise<void>;
  /** The place up to which everything of the partition is applied, as of now. */
  applied(partition: number): number;
  progress(): readonly Progress[];
  /** Resolves when every partition has come to where the log ended when it was called. */
  caughtUp(): Promise<void>;
  /** Events applied since the start, for the metrics. */
  readonly counters: { readonly events: number; readonly batches: number };
  stop(): Promise<void>;
};

export type RunnerOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly projections: readonly Projection[];
  /** Told of each change of progress, at most a few times a second while catching up. */
  readonly onProgress?: (progress: Progress) => void;
  /** Told when a projection throws or the store fails for good. */
  readonly onError?: (error: Error) => void;
  /** After a batch, how long more is let collect for the next if nobody waits for it, in ms; 0: not at all. */
  readonly collectMs?: number;
};

const collectMsDefault = 15;

/**
 * Starts to follow every partition of the log, each by a loop of its own, and resolves once the checkpoints are
 * read or the store has been found away (then it goes on trying, for ever). Rejects if there is no projection,
 * or two of one name and version.
 */
export const startRunner = async (options: RunnerOptions): Promise<Runner> => {
  const followers = followersOf(options);
  const stop = (): void => {
    for (const follower of followers) follower.stop();
  };
  const ended = followers.map(async (follower) => {
    const fault = await follower.run();
    if (!fault) return;
    stop();
    options.onError?.(fault);
  });
  await Promise.all(followers.map(({ begun }) => begun));

  const at = (partition: number): Follower => {
    const follower = followers[partition];
    if (!follower) throw new RangeError(`the log has no partition ${partition}`);
    return follower;
  };
  return {
    whenApplied({ partition, seq }, timeoutMs) {
      return at(partition).whenApplied(seq, timeoutMs);
    },
    applied: (partition) => at(partition).applied,
    progress: () => followers.map(({ progress }) => progress),
    async caughtUp() {
      await Promise.all(followers.map((follower) => follower.caughtUp()));
    },
    get counters() {
      return {
        events: followers.reduce((sum, { counters }) => sum + counters.events, 0),
        batches: followers.reduce((sum, { counters }) => sum + counters.batches, 0),
      };
    },
    async stop() {
      stop();
      await Promise.all(ended);
    },
  };
};

const followersOf = ({
  log,
  store,
  projections,
  onProgress,
  collectMs = collectMsDefault,
}: RunnerOptions): Follower[] => {
  const names = projections.map(collectionOf);
  if (names.length === 0) throw new Error('a runner needs at least one projection');
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice)
    throw new Error(`two projections are called ${twice}: rename one or raise its version`);
  const specs = projections.map((projection) => ({
    ...projection,
    name: collectionOf(projection),
  }));
  let prepared: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    prepared ??= store.prepare(specs).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };
  const translate = translator(projections);
  return Array.from(
    { length: log.info.partitions },
    (_, partition) =>
      new Follower({
        partition,
        log,
        store,
        names,
        translate,
        prepare,
        onProgress: onProgress ? thinned(onProgress) : () => {},
        collectMs,
      }),
  );
};
