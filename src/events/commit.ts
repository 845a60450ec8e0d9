import type { KnownEvent } from './kinds/kinds.ts';

/** One event as the log holds it. Its number is that of its commit plus its place in it. */
export type LoggedEvent = KnownEvent & EventStamp;

/** What the server, never a client, says about an event. */
export type EventStamp = {
  /** When, in ms since 1970. */
  readonly at: number;
  /** Who: a user's id. */
  readonly by: string;
  /** The key of the command that caused it, if the command carried one. */
  readonly cmd?: string;
  /** A digest of that command, by which another command under the same key is told apart. */
  readonly sum?: string;
  /** Over which connection it came, if over one. */
  readonly conn?: string;
  /** The id of the session of whoever asked for it. */
  readonly ses?: string;
};

/** What is appended: one or more events of ONE aggregate, decided one after the other by its one writer. */
export type Commit = {
  /** Unique; by it an append whose answer was lost is found again. */
  readonly id: string;
  /** The number of its first event; dense, from 1. */
  readonly n: number;
  /** The hash of the aggregate's previous commit; empty for the first. */
  readonly prev: string;
  /** The lease number of the writer. */
  readonly term: number;
  /** By how much an event of the partition up to here is earlier than one before it, at most, in ms, if that is much. */
  readonly back?: number;
  readonly events: readonly LoggedEvent[];
};

/** A commit holds at most this many events. */
export const commitEventsMax = 512;

/** A commit takes at most this many bytes in the log. */
export const commitBytesMax = 256 * 1024;

/** The number of a commit's last event. */
export const lastOf = (commit: Commit): number => commit.n + commit.events.length - 1;
