import type { Aggregate } from '../events/aggregate.ts';
import type { Tail } from '../events/log.ts';

/** A state as it was at a place of the log. */
export type Snapshot = {
  readonly version: number;
  readonly tail: Tail;
  readonly state: unknown;
};

/**
 * Keeps snapshots of aggregates so that they load fast. They are a convenience: one that is lost, old or of
 * another log is ignored, and the state is folded from the log.
 */
export interface Snapshots {
  /** Never rejects: the state is folded from the log instead. */
  load(aggregate: Aggregate): Promise<Snapshot | undefined>;
  /** Never rejects: what cannot be kept is missed by nobody. */
  save(aggregate: Aggregate, snapshot: Snapshot): Promise<void>;
}
