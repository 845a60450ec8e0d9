import type { Aggregate } from './aggregate.ts';
import type { Commit } from './commit.ts';

/** Where an aggregate ends: what the next commit must follow. An aggregate without events: `emptyTail`. */
export type Tail = {
  /** The version of its last event; 0 if there is none. */
  readonly n: number;
  /** SHA-256 of the bytes of its last commit, base64url; empty if there is none. */
  readonly hash: string;
  /** The place of its last commit in its partition; 0 if there is none. */
  readonly seq: number;
};

export const emptyTail: Tail = { n: 0, hash: '', seq: 0 };

/** A commit as it stands in the log. */
export type Recorded = {
  readonly aggregate: Aggregate;
  readonly commit: Commit;
  /** Its place in its partition. */
  readonly seq: number;
  /** SHA-256 of its bytes, base64url: the `prev` of the next commit of the aggregate. */
  readonly hash: string;
  /** Its size in the log, in bytes. */
  readonly size: number;
};

/** What identifies a log for as long as it exists. */
export type LogInfo = {
  /** Made anew whenever a log is created or restored from a backup; clients see it as the epoch. */
  readonly incarnation: string;
  /** How many partitions there are, numbered from 0; fixed when the log was created. */
  readonly partitions: number;
};

/**
 * Why an append was refused. `conflict`: somebody else wrote, nothing was written. `unknown`: the answer was
 * lost; read the tail and compare commit ids before you say anything. `full`: no room, nothing was written.
 * `unavailable`: the log cannot be reached, nothing was sent.
 */
export type AppendFailureReason = 'conflict' | 'unknown' | 'full' | 'unavailable';

export class AppendFailure extends Error {
  readonly reason: AppendFailureReason;
  /** What keeps the log from taking anything, and what an operator should do; absent if it may pass by itself. */
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

/** The log cannot be read for now: nothing was found out, and it may be asked again. */
export class LogUnavailable extends Error {
  override readonly name: string = 'LogUnavailable';
}

/** A running `live`. Everything in the partition after `after` is handed to the handler. */
export type LiveSubscription = { readonly after: number; stop(): void };

/**
 * The log of everything that happened: for ever, in order, durable. Called by the actors (append, tail,
 * read), the projections (scan, live) and the hub (read, live).
 */
export interface EventLog {
  /** Known as soon as the log is open. */
  readonly info: LogInfo;

  /**
   * Appends one commit to one aggregate and resolves with the new tail once it is DURABLE (fsynced). The
   * commit must follow `after`: `commit.n === after.n + 1`, `commit.prev === after.hash`. Rejects with an
   * `AppendFailure`, or with a plain error for a commit that no log can hold. Appends that are called one after
   * the other in one process and lie in one partition stand in the log in that order; if not, a removal could be
   * overtaken by a message. Appends to different aggregates may be in flight together and then share a flush.
   * The caller keeps at most one in
   * flight per aggregate.
   */
  append(aggregate: Aggregate, commit: Commit, after: Tail): Promise<Tail>;

  /** The tail as of now, linearizable: an acknowledged append is never missed. */
  tail(aggregate: Aggregate): Promise<Tail>;

  /**
   * The commits of one aggregate in order, from the one that holds event `after + 1` (default: the first), to
   * the end as of the call or later. `from`, if known, is a place at or before that commit and spares a
   * search. A broken chain of numbers or hashes is an error, never skipped.
   */
  read(
    aggregate: Aggregate,
    options?: { readonly after?: number; readonly from?: number },
  ): AsyncIterable<Recorded>;

  /**
   * The commits at these places of a partition, in the order of the places. One that is not there is left out. For
   * tens or hundreds of places that are known; whoever wants a stretch scans.
   */
  at(partition: number, seqs: readonly number[]): Promise<Recorded[]>;

  /**
   * Everything in a partition after `after` (default: from the beginning), in order, in batches of about
   * `batchBytes` (default 4 MiB); ends when it has reached the end as of the call.
   */
  scan(
    partition: number,
    options?: { readonly after?: number; readonly batchBytes?: number },
  ): AsyncIterable<readonly Recorded[]>;

  /**
   * Hands every commit of the partition after the returned `after` to the handler: once each, in the order of
   * their places, without a gap, and only when committed. The handler must not throw and must not block;
   * what it hands on may be shared, so it changes nothing. A hole (a lost message, a reconnect) is filled from
   * the log before anything later is handed on. `onStuck`: told when what comes next cannot be read; it is tried
   * again, and a `scan` says why.
   */
  live(
    partition: number,
    handler: (recorded: Recorded) => void,
    onStuck?: () => void,
  ): Promise<LiveSubscription>;

  /** The place of the last commit of a partition; 0 if it is empty. */
  head(partition: number): Promise<number>;

  /** Resolves when everything in flight is settled and the files or the connection are closed. */
  close(): Promise<void>;
}
