import type { Aggregate } from './aggregate.ts';
import type { Commit } from './commit.ts';

/** Where an aggregate ends, which the next commit must follow. For an aggregate without events: `emptyTail`. */
export type Tail = {
  /** The version of its last event; 0 if there is none. */
  readonly n: number;
  /** SHA-256 of the bytes of its last commit, base64url; empty if there is none. */
  readonly hash: string;
  /** The sequence number of its last commit in its partition; 0 if there is none. */
  readonly seq: number;
};

export const emptyTail: Tail = { n: 0, hash: '', seq: 0 };

export type Recorded = {
  readonly aggregate: Aggregate;
  readonly commit: Commit;
  /** Its sequence number in its partition. */
  readonly seq: number;
  /** SHA-256 of its bytes, base64url: the `prev` of the aggregate's next commit. */
  readonly hash: string;
  /** Its size in the log, in bytes. */
  readonly size: number;
};

/** What identifies a log for its lifetime. */
export type LogInfo = {
  /** Generated when a log is created, and again when it is restored from a backup; clients see it as the epoch. */
  readonly incarnation: string;
  /** The number of partitions, numbered from 0; fixed when the log was created. */
  readonly partitions: number;
};

/**
 * Why an append failed. `conflict`: another writer was first, nothing was written. `unknown`: the answer was lost;
 * read the tail and compare commit ids before answering. `full`: no space, nothing was written. `unavailable`: the
 * log cannot be reached, nothing was sent.
 */
export type AppendFailureReason = 'conflict' | 'unknown' | 'full' | 'unavailable';

export class AppendFailure extends Error {
  readonly reason: AppendFailureReason;
  /** What keeps the log from accepting appends, and what an operator should do; absent if it may recover by itself. */
  readonly remedy: string | undefined;

  constructor(
    reason: AppendFailureReason,
    message: string,
    { remedy, ...options }: ErrorOptions & { readonly remedy?: string | undefined } = {},
  ) {
    super(message, options);
    this.name = 'AppendFailure';
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** The log cannot be read at the moment; the call may be retried. */
export class LogUnavailable extends Error {
  override readonly name: string = 'LogUnavailable';
}

export type LiveOptions = {
  /** Called when the next commit cannot be read; the log retries, and a `scan` reports the cause. */
  readonly onStuck?: () => void;
  /**
   * Called before a commit is read, if the log can save reading it: returns whether the handler needs not be called for
   * it. The handler must be prepared to be called nevertheless.
   */
  readonly skips?: (aggregate: Aggregate, seq: number) => boolean;
};

/** A running `live`. Everything in the partition after `after` is passed to the handler. */
export type LiveSubscription = { readonly after: number; stop(): void };

/**
 * The log of all events: permanent, ordered, durable. Called by the actors (append, tail, read), the projections
 * (scan, live) and the hub (read, live).
 */
export interface EventLog {
  /** Known as soon as the log is open. */
  readonly info: LogInfo;

  /**
   * Appends one commit to one aggregate and resolves with the new tail once it is durable (fsynced). The commit must
   * follow `after`: `commit.n === after.n + 1`, `commit.prev === after.hash`. Rejects with an `AppendFailure`, or
   * with a plain error for a commit that no log can hold. Appends to one partition that are called one after the
   * other in one process are in the log in that order; otherwise a message could overtake the removal of its author.
   * Appends to different aggregates may be in flight together and then share a flush. The caller keeps at most one in
   * flight per aggregate.
   */
  append(aggregate: Aggregate, commit: Commit, after: Tail): Promise<Tail>;

  /** The current tail, linearizable: an acknowledged append is never missed. */
  tail(aggregate: Aggregate): Promise<Tail>;

  /**
   * The commits of one aggregate in order, from the one that holds event `after + 1` (default: the first) to the end
   * as of the call or later. `from`, if known, is a sequence number at or before that commit and saves a search. A
   * broken chain of numbers or hashes is an error; it is never skipped.
   */
  read(
    aggregate: Aggregate,
    options?: { readonly after?: number; readonly from?: number },
  ): AsyncIterable<Recorded>;

  /**
   * The commits of a partition with these sequence numbers, in their order; missing ones are left out. For tens or
   * hundreds of known positions; use `scan` for ranges.
   */
  at(partition: number, seqs: readonly number[]): Promise<Recorded[]>;

  /**
   * Everything in a partition after `after` (default: from the beginning), in order, in batches of about `batchBytes`
   * (default 4 MiB); ends at the end of the log as of the call.
   */
  scan(
    partition: number,
    options?: { readonly after?: number; readonly batchBytes?: number },
  ): AsyncIterable<readonly Recorded[]>;

  /**
   * Passes every commit of the partition after the returned `after` to the handler: once each, in order, without
   * gaps, and only when committed. The handler must not throw, block, or change the commit, which may be shared. A
   * gap (a lost message, a reconnect) is filled from the log before anything later is passed on.
   */
  live(
    partition: number,
    handler: (recorded: Recorded) => void,
    options?: LiveOptions,
  ): Promise<LiveSubscription>;

  /** The sequence number of the last commit of a partition; 0 if it is empty. */
  head(partition: number): Promise<number>;

  /** Resolves when everything in flight has settled and the files or the connection are closed. */
  close(): Promise<void>;
}
