import type { UserId } from '../events/ids.ts';

/** What the server adds to a command; never taken from a client. */
export type Stamp = {
  /** The user who gives it. */
  readonly by: UserId;
  /** When it was received, in ms since 1970. */
  readonly at: number;
  /** Identifies a repeat: a version 7 UUID made by the client. */
  readonly key?: string;
  /** A digest of the command's operation and data, which tells a different command under the same key apart. */
  readonly sum?: string;
  /** The id of the connection that it came over, if any. */
  readonly conn?: string;
  /** The id of the user's session. */
  readonly ses?: string;
  /** Refuses it with `out-of-space` if it would record anything; what was done before is still answered. */
  readonly isOutOfSpace?: true;
};
