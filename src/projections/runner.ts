import type { EventLog, Position } from '../events/log.ts';
import type { Projection } from './projection.ts';
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
};

export declare const startRunner: (options: RunnerOptions) => Promise<Runner>;
