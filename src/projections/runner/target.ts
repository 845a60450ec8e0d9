import type { Recorded } from '../../events/log.ts';
import type { Plan } from './plan.ts';

/** What the next records of a partition mean, as much as one batch holds. */
export type Batch = {
  /** The place up to which the log is taken; the course's `from` if nothing was left to do. */
  readonly to: number;
  /** The index of the first record that has not been taken. */
  readonly next: number;
  readonly events: number;
  /**
   * Stores what is meant for these projections (by physical name) together with the place up to which they have
   * then come; resolves once it is durable. Stored again, it changes nothing.
   */
  store(collections: readonly string[]): Promise<void>;
};

/**
 * Where that is kept what the log means. Two implementations: the read store, and whatever an external projection
 * brings. A follower calls one method at a time for each partition; those of several partitions come between each
 * other. What passes by itself is thrown as `StoreUnavailable` or `Unavailable` and tried again; a place that
 * somebody else has moved as `CheckpointMoved`. If a place could be ahead of what is stored, events would be lost; if
 * it could lag without being told so, they would count twice.
 */
export type Target = {
  /** Makes sure that all members can be stored. Called before anything else, as often as one likes. */
  prepare(): Promise<void>;
  /** Up to where everything of a partition is stored for a member: 0 at the beginning. */
  checkpoint(collection: string, partition: number): Promise<number>;
  /** Takes records from `start` on for those that the course names. Throws `ProjectionError`. */
  batch(records: readonly Recorded[], start: number, course: Plan): Batch;
  close(): Promise<void>;
};
