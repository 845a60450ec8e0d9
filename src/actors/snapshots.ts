import type { Aggregate } from '../events/aggregate.ts';
import type { Tail } from '../events/log.ts';

/** A state as of a position of the log. */
export type Snapshot = {
  readonly version: number;
  readonly tail: Tail;
  readonly state: unknown;
};

/**
 * Saves snapshots of aggregates so that they load fast. They are optional: one that is missing, old or of another log
 * is ignored, and the state is folded from the log.
 */
export interface Snapshots {
  /** Never rejects: without a snapshot the state is folded from the log. */
  load(aggregate: Aggregate): Promise<Snapshot | undefined>;
  /** Never rejects: a snapshot that cannot be saved is not missed. */
  save(aggregate: Aggregate, snapshot: Snapshot): Promise<void>;
}
