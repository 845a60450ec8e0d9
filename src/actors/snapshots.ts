import type { Aggregate } from '../events/aggregate.ts';
import type { Tail } from '../events/log.ts';
import type { Unsaved } from './tracked-set.ts';

/** A state as of a position of the log, without its large part. */
export type Snapshot = {
  readonly version: number;
  readonly tail: Tail;
  readonly state: unknown;
};

/** Where changes of the large part of a state are saved, and how many; the rest is known to the implementation. */
export type SavedChanges = { readonly count: number };

export type LoadedSnapshot = Snapshot & {
  /** Absent if the state has no large part. */
  readonly large?: {
    readonly saved: SavedChanges;
    /** The saved changes in their order, in parts. */
    readonly parts: readonly (readonly string[])[];
  };
};

/** The large part of a state. `saved`: where it was loaded from or saved before; undefined: nowhere. */
export type LargeToSave = Unsaved & { readonly saved: SavedChanges | undefined };

/**
 * Saves snapshots of aggregates so that they load fast. They are optional: one that is missing, old or of another log
 * is ignored, and the state is folded from the log.
 */
export interface Snapshots {
  /** Never rejects: without a snapshot the state is folded from the log. */
  load(aggregate: Aggregate): Promise<LoadedSnapshot | undefined>;
  /**
   * Saves a snapshot, and of a large part what is unsaved, together: after an interruption there is this one, the
   * previous one, or none. Returns where the large part is saved now; undefined if there is none, or if nothing was
   * saved. The state may change once this has been called. Never rejects: a snapshot that cannot be saved is not
   * missed.
   */
  save(
    aggregate: Aggregate,
    snapshot: Snapshot,
    large?: LargeToSave,
  ): Promise<SavedChanges | undefined>;
}
