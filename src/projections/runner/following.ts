import type { Position } from '../../events/position.ts';
import type { Failure } from '../../store/state/runs.ts';
import type { Projection } from '../projection.ts';

/** How far a runner has come in one partition. */
export type Progress = {
  readonly partition: number;
  /** `failed`: nothing is left that could go on. */
  readonly state: 'catching-up' | 'live' | 'failed' | 'stopped';
  /** The place up to which everything is applied. */
  readonly applied: number;
  /** The newest place that is known of the partition. */
  readonly head: number;
  readonly error?: Error;
};

/** Something that follows the log, with one scan. */
export type Following = {
  /**
   * Resolves when everything up to the position is applied to all that still run; rejects with a `TimeoutError`
   * (DOMException) after `timeoutMs`.
   */
  whenApplied(position: Position, timeoutMs: number): Promise<void>;
  /** The place up to which everything of the partition is applied, as of now. */
  applied(partition: number): number;
  progress(): readonly Progress[];
  /** By name, the projections that could not go on and have been left out since. Their checkpoints stay where they were. */
  failures(): ReadonlyMap<string, Failure>;
  /** Resolves when every partition has come to where the log ended when it was called. */
  caughtUp(): Promise<void>;
  /** Events applied since the start, for the metrics. */
  readonly counters: { readonly events: number; readonly batches: number };
  /** Follows a partition from its checkpoints on, after it was revoked. All are assigned at first. */
  assign(partition: number): void;
  /** Resolves when nothing of the partition is written any more; `whenApplied` then waits until it is assigned again. */
  revoke(partition: number): Promise<void>;
  stop(): Promise<void>;
};

/** A set of projections that follow the log together into the read store. */
export type Runner = Following & {
  /**
   * Puts another collection of a projection, `pair.to`, which is filled up to near the end, in the place of the one that
   * is followed, `pair.from`: takes it in beside it, and when both stand at the same place in every partition calls
   * `onSwitch`, leaves `from` out and resolves. What is applied never goes back by it. Rejects if `to` fails or the runner ends;
   * nothing is switched then.
   */
  exchange(projection: Projection, pair: Pair, onSwitch: () => void): Promise<void>;
};

/** The physical names of two collections of one projection. */
export type Pair = { readonly from: string; readonly to: string };
