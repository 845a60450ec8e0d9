import type { UserId } from '../events/ids.ts';

/** What the server, never a client, says about a command. */
export type Stamp = {
  /** Who asks. */
  readonly by: UserId;
  /** When it was received, in ms since 1970. */
  readonly at: number;
  /** Makes a repeat recognisable: a version 7 UUID that the client made. */
  readonly key?: string;
  /** A digest of the command's operation and data: another command under the same key is told apart by it. */
  readonly sum?: string;
  /** The id of the connection over which it came, if over one. */
  readonly conn?: string;
  /** The id of the session in which it was asked for. */
  readonly ses?: string;
};
