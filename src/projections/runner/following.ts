import type { Position } from '../../events/position.ts';
import type { Failure } from '../../store/state/runs.ts';
import type { Projection } from '../projection.ts';
import type { Failed } from './roster.ts';

export type Progress = {
  readonly partition: number;
  /** `failed`: no projection is left. `stopped`: also while the partition is revoked. */
  readonly state: 'catching-up' | 'live' | 'failed' | 'stopped';
  /** Everything up to here is applied. */
  readonly applied: number;
  /** The newest known position of the partition. */
  readonly head: number;
  readonly error?: Error;
};

/** A running follower of the log, with one scan. */
export type Following = {
  /**
   * Resolves when everything up to the position is applied to all projections that still run; rejects with a
   * `TimeoutError` (DOMException) after `timeoutMs`.
   */
  whenApplied(position: Position, timeoutMs: number): Promise<void>;
  /** Everything of the partition up to here is applied. */
  applied(partition: number): number;
  progress(): readonly Progress[];
  /** The failed projections by name; they are left out, and their checkpoints stay where they were. */
  failures(): ReadonlyMap<string, Failure>;
  /** Resolves when every partition has reached the end of the log as of the call. */
  caughtUp(): Promise<void>;
  /** Events applied since the start, for the metrics. */
  readonly counters: { readonly events: number; readonly batches: number };
  /** Follows a partition from its checkpoints on. */
  assign(partition: number): void;
  /** Resolves when nothing of the partition is written any more; `whenApplied` then waits until it is assigned again. */
  revoke(partition: number): Promise<void>;
  stop(): Promise<void>;
};

/** Projections that follow the log together into the read store. */
export type Runner = Following & {
  readonly shared: SharedProgress;
  /**
   * Replaces the collection of a projection, `pair.from`, by another one that is filled up to near the end,
   * `pair.to`: adds it, and when both have the same checkpoint in every partition calls `onSwitch`, removes `from`
   * and resolves. Without `from` it is added when it is as far as all others. What is applied never goes back by it.
   * Rejects if `to` fails or the runner ends; nothing is switched then.
   */
  exchange(
    projection: Projection,
    pair: Partial<Pair> & Pick<Pair, 'to'>,
    onSwitch: () => void,
  ): Promise<void>;
};

/** What a runner has other nodes know, which follow other partitions into the same store, and what it hears of them. */
export type SharedProgress = {
  /** Whether a partition is followed here, so that its progress is to be announced. */
  isFollowed(partition: number): boolean;
  progressOf(partition: number): Progress | undefined;
  readonly partitions: number;
  /** The collections that are complete up to `applied`. */
  complete(): readonly string[];
  /** The collections that are read here. */
  read(): readonly string[];
  /** The collections that could not be filled further, here or elsewhere. */
  failed(): readonly Failed[];
  /** Has it called when a partition that is followed here has moved; without one, when the collections have changed. */
  listen(onChange: (partition?: number) => void): void;
  /** The node that follows a partition is so far, with all collections that are read here. */
  heard(progress: Progress): void;
  /** Another node could not fill a collection further: it is left out here, too. */
  failElsewhere(failed: Failed): void;
  /** What other nodes follow has changed. */
  changed(): void;
};

/** What is known of the nodes that follow other partitions into the same store. */
export type Elsewhere = {
  /** Whether a partition is followed by another node into this collection, too, as far as into the others. */
  covers(partition: number, collection: string): boolean;
  /** Whether another node may read a collection. */
  mayRead(collection: string): boolean;
};

/** There are no other nodes. */
export const nowhereElse: Elsewhere = { covers: () => false, mayRead: () => false };

/** The physical names of two collections of one projection. */
export type Pair = { readonly from: string; readonly to: string };
