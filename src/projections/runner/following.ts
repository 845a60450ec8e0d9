import type { Position } from '../../events/position.ts';
import type { Failure } from '../../store/state/runs.ts';
import type { Projection } from '../projection.ts';

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
  /** Follows a partition from its checkpoints on, after it was revoked. All are assigned at first. */
  assign(partition: number): void;
  /** Resolves when nothing of the partition is written any more; `whenApplied` then waits until it is assigned again. */
  revoke(partition: number): Promise<void>;
  stop(): Promise<void>;
};

/** Projections that follow the log together into the read store. */
export type Runner = Following & {
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

/** The physical names of two collections of one projection. */
export type Pair = { readonly from: string; readonly to: string };
