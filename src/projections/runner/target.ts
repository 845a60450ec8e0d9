import type { Recorded } from '../../events/log.ts';
import type { Plan } from './plan.ts';

/** The effects of the next records of a partition, as much as one batch holds. */
export type Batch = {
  /** The position up to which the log is consumed; the plan's `from` if nothing was left to do. */
  readonly to: number;
  /** The index of the first record that was not consumed. */
  readonly next: number;
  readonly events: number;
  /**
   * Stores the effects for these projections (by physical name) together with their new checkpoint; resolves once it
   * is durable. Idempotent.
   */
  store(collections: readonly string[]): Promise<void>;
};

/**
 * Where the effects of the log are stored. Two implementations: the read store, and external projections. A follower
 * calls one method at a time for each partition; calls for several partitions interleave. Transient failures are
 * thrown as `StoreUnavailable` or `Unavailable` and retried; a checkpoint that another process has moved as
 * `CheckpointMoved`. A checkpoint that is ahead of what is stored would lose events; one that falls behind unnoticed
 * would count them twice.
 */
export type Target = {
  /** Prepares the store for all projections. Called before anything else, any number of times. */
  prepare(): Promise<void>;
  /** Up to where everything of a partition is stored for a projection: 0 at the beginning. */
  checkpoint(collection: string, partition: number): Promise<number>;
  /** Translates records from `start` on for the projections of the plan. Throws `ProjectionError`. */
  batch(records: readonly Recorded[], start: number, plan: Plan): Batch;
  close(): Promise<void>;
};
