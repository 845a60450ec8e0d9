import type { KnownEvent } from './kinds/kinds.ts';

/** One event as the log stores it. Its number is that of its commit plus its index in it. */
export type LoggedEvent = KnownEvent & EventStamp;

/** What the server records with an event; never taken from a client. */
export type EventStamp = {
  /** The time, in ms since 1970. */
  readonly at: number;
  /** The user's id. */
  readonly by: string;
  /** The key of the command that caused it, if the command carried one. */
  readonly cmd?: string;
  /** A digest of that command, which tells a different command under the same key apart. */
  readonly sum?: string;
  /** The connection that the command came over, if any. */
  readonly conn?: string;
  /** The id of the session of the user. */
  readonly ses?: string;
};

/** What is appended at once: one or more events of one aggregate, decided in order by its one writer. */
export type Commit = {
  /** Unique. An append whose answer was lost is looked up by it. */
  readonly id: string;
  /** The number of its first event; dense, from 1. */
  readonly n: number;
  /** The hash of the aggregate's previous commit; empty for the first. */
  readonly prev: string;
  /** The term of the writer's lease. */
  readonly term: number;
  /**
   * By how much an event of the partition up to here is earlier than one before it, at most, in ms; absent if
   * insignificant.
   */
  readonly back?: number;
  readonly events: readonly LoggedEvent[];
};

export const commitEventsMax = 512;

export const commitBytesMax = 256 * 1024;

/** The number of the last event of a commit. */
export const lastOf = (commit: Commit): number => commit.n + commit.events.length - 1;
