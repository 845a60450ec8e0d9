import type {
  Circle,
  Me,
  Message,
  Participant,
  Presence,
  Session,
  Stream,
  User,
} from './objects.ts';

/** For a message that was deleted since: its text is no longer sent. */
type Gone = { gone: true; text?: never; mentions?: never };

/** Event data by kind; a client ignores unknown kinds. */
type EventData = {
  'user-registered': { username: string; displayName?: string };
  'profile-updated': {
    displayName?: string | null;
    avatar?: string | null;
    about?: string | null;
  };
  'password-changed': object;
  'circle-joined': { circle: string };
  'circle-left': { circle: string };
  'session-opened': { id: string };
  'session-closed': { id: string };
  'user-suspended': object;
  'user-resumed': object;
  'user-withdrawn': object;
  'circle-created': {
    kind: 'circle' | 'direct';
    name: string;
    visibility: 'public' | 'private';
    about?: string;
    owner?: string;
  };
  'circle-updated': { name?: string; about?: string | null; visibility?: 'public' | 'private' };
  'circle-deleted': object;
  'member-joined': { user: string; invite?: string };
  'member-left': { user: string };
  'member-removed': { user: string };
  'member-data-changed': { user: string; nickname?: string | null; avatar?: string | null };
  'stream-created': { id: string; name: string; topic?: string };
  'stream-updated': { id: string; name?: string; topic?: string | null };
  'stream-archived': { id: string };
  'stream-restored': { id: string };
  'stream-deleted': { id: string };
  'invite-created': { code?: string };
  'invite-revoked': { code?: string };
  'stream-opened': object;
  'message-posted':
    | {
        id: string;
        m: number;
        text: string;
        replyTo?: string;
        mentions: readonly string[];
        gone?: never;
      }
    | ({ id: string; m: number; replyTo?: string } & Gone);
  'message-edited':
    | { id: string; text: string; mentions: readonly string[]; gone?: never }
    | ({ id: string } & Gone);
  'message-deleted': { id: string };
  'reaction-added': { id: string; emoji: string };
  'reaction-removed': { id: string; emoji: string };
  'message-pinned': { id: string };
  'message-unpinned': { id: string };
};

/** One event of an event stream: number `n` in it, stamped by the server (`at` in ms since 1970). */
export type StreamEvent = {
  [K in keyof EventData]: {
    readonly n: number;
    readonly at: number;
    readonly by: string;
    readonly k: K;
    readonly d: Readonly<EventData[K]>;
  };
}[keyof EventData];

/**
 * The state of an event stream at exactly `n`, which replaces the previous one: for a stream `stream`, `messages`,
 * `users`, `read`; for a circle `circle`; for `me` `me`.
 */
export type Reset = {
  readonly s: string;
  readonly n: number;
  readonly why: 'new' | 'too-far' | 'epoch';
  readonly stream?: Stream;
  readonly messages?: readonly Message[];
  readonly users?: readonly Participant[];
  readonly read?: number;
  readonly circle?: Circle;
  readonly me?: Me;
};

/** A transient notification; a client ignores unknown kinds. */
export type Signal = { readonly s: string } & (
  | {
      /** A user is typing in the stream `s`; valid for `ttl` ms. */
      readonly k: 'typing';
      readonly by: string;
      readonly ttl: number;
    }
  | {
      /** Presence changes in the circle `s`; other members are unchanged. */
      readonly k: 'presence';
      readonly d: Presence & { readonly offline: readonly string[] };
    }
  | {
      /**
       * A message was edited or deleted in the stream `s`, which is not subscribed: its unread count may have changed.
       */
      readonly k: 'unread';
    }
  | {
      /** On `me`: the user has read the stream `d.s` up to message `d.m`, on any device. */
      readonly k: 'read';
      readonly d: { readonly s: string; readonly m: number };
    }
);

/** A message was posted in a stream that is not subscribed. */
export type Activity = { readonly s: string; readonly m: number; readonly mention: boolean };

/** The answer to `hello`: the server and the connection. */
export type Welcome = {
  readonly epoch: string;
  readonly connection: string;
  readonly session: Pick<Session, 'id'>;
  readonly user: User;
  /** The interval of the server's pings, in ms. */
  readonly ping: number;
  /** The server's clock, in ms since 1970. */
  readonly now: number;
  readonly limits: { readonly frame: number; readonly text: number; readonly page: number };
  readonly token?: string;
};

export type OkFrame = { readonly t: 'ok'; readonly id: string; readonly d?: unknown };

export type ErrFrame = {
  readonly t: 'err';
  readonly id?: string;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly retryAfter?: number;
  /** The server's clock, if a key does not match it. */
  readonly now?: number;
};

/** The frames of a subscription. */
export type FeedFrame =
  | { readonly t: 'events'; readonly s: string; readonly e: readonly StreamEvent[] }
  | (Reset & { readonly t: 'reset' })
  | { readonly t: 'live'; readonly s: string; readonly n: number }
  | { readonly t: 'end'; readonly s: string; readonly code: string };

/** Every frame from the server known to the client. */
export type ServerFrame = DeliveredFrame | LinkFrame;

/** Frames about the connection itself. */
type LinkFrame =
  | { readonly t: 'ping'; readonly n: number }
  | { readonly t: 'bye'; readonly code: number; readonly reason: string; readonly after: number };

/** All other frames. */
export type DeliveredFrame =
  | OkFrame
  | ErrFrame
  | FeedFrame
  | (Signal & { readonly t: 'sig' })
  | (Activity & { readonly t: 'activity' });
