/** A person, as everybody may see them. */
export type User = {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly avatar?: string;
  readonly about?: string;
};

/** What somebody is called in one circle, where that differs from what they are called elsewhere. */
export type MemberLook = { readonly nickname?: string; readonly avatar?: string };

/** A person beside messages, with what they are called in that circle. */
export type Participant = User & { readonly member?: MemberLook };

/** Somebody in a circle's list of members; `joinedAt` in ms since 1970. */
export type Member = MemberLook & { readonly user: User; readonly joinedAt: number };

/** What a member has set of themselves; `data` is seen by them alone. */
export type MemberData = MemberLook & { readonly data?: unknown };

/** A stream of a circle; `last` is the number of its newest message. */
export type Stream = {
  readonly id: string;
  readonly s: string;
  readonly name: string;
  readonly topic?: string;
  readonly archived?: true;
  readonly last: number;
};

/** A circle; an outsider of a public one sees neither `streams` nor `n`. */
export type Circle = {
  readonly id: string;
  readonly kind: 'circle' | 'direct';
  readonly name: string;
  readonly about?: string;
  readonly visibility: 'public' | 'private';
  readonly owner?: string;
  /** How many are in it. */
  readonly members: number;
  readonly streams?: readonly Stream[];
  readonly n?: number;
  /** The other person of a direct conversation, whose own name is empty. */
  readonly with?: User;
};

/** A circle as it stands in a list. */
export type CircleEntry = Pick<Circle, 'id' | 'kind' | 'name' | 'visibility' | 'with'>;

/** The reactions to a message, by emoji: how many there are, and whether one is of who asks. */
export type Reactions = Readonly<Record<string, { readonly count: number; readonly me: boolean }>>;

/** A message; a deleted one stays as a tombstone without text, mentions and reactions. */
export type Message = {
  readonly id: string;
  readonly s: string;
  readonly m: number;
  readonly n: number;
  readonly at: number;
  readonly by: string;
  readonly text?: string;
  readonly replyTo?: string;
  readonly mentions?: readonly string[];
  readonly reactions?: Reactions;
  readonly editedAt?: number;
  readonly deleted?: true;
  readonly pinned?: true;
};

/** A text that a message had, and since when. */
export type Edit = { readonly at: number; readonly text: string };

/** What a person is in: the state of the event stream `me`. */
export type Me = {
  readonly user: User;
  readonly circles: readonly CircleEntry[];
  /** There are more circles than these: `Http.circles` lists them. */
  readonly more?: true;
};

/** One login of one person on one device; times in ms since 1970. */
export type Session = {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent?: string;
  /** Whether it is the one that asks. */
  readonly current: boolean;
};

/** By which others come in; `maxUses` 0: any number; `expiresAt` in ms since 1970, absent: never. */
export type Invite = {
  readonly code: string;
  readonly circle: string;
  readonly by: string;
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt?: number;
};

/** What somebody who holds an invite sees of the circle before they join. */
export type InvitePreview = {
  readonly circle: Pick<Circle, 'id' | 'name' | 'about' | 'members'>;
  readonly expiresAt?: number;
};

/** Who of a circle is there; who is in neither list is not. */
export type Presence = { readonly online: readonly string[]; readonly idle: readonly string[] };

/** A stream with something unread: up to which message it was read, and what came since, at most 100 each. */
export type Unread = {
  readonly s: string;
  readonly last: number;
  readonly read: number;
  readonly unread: number;
  readonly mentions: number;
};

/** A page of a stream, ascending; `users` are those who stand in it. */
export type History = {
  readonly messages: readonly Message[];
  readonly users: readonly Participant[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};

/** Which event the past was shown after: the `n`th of the circle or stream that was asked for, at `at`. */
export type Then = { readonly n: number; readonly at: number };

/** A moment to look back to: in ms since 1970, ISO 8601, or, below 10^11, the number of an event. */
export type Moment = number | string;

/** What a circle's owner asks of its log: from `since` on, before `until`, in ms since 1970 or ISO 8601. */
export type AuditFilter = {
  readonly stream?: string | undefined;
  readonly user?: string | undefined;
  readonly kind?: string | undefined;
  readonly by?: string | undefined;
  readonly since?: number | string | undefined;
  readonly until?: number | string | undefined;
  /** A position. */
  readonly after?: string | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
};

/** One event as its circle's owner may see it; `before` and `after` hold what it changed, as far as they may see that. */
export type AuditEntry = {
  readonly position: string;
  readonly n: number;
  readonly k: string;
  readonly of: 'circle' | 'stream';
  readonly circle: string;
  readonly stream?: string;
  /** Whom it befell. */
  readonly user?: string;
  readonly message?: string;
  readonly at: number;
  readonly by: string;
  readonly session?: string;
  readonly connection?: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
};

/** How far a projection has come in the part of the log that holds a circle; `lag` in events, `rate` per second. */
export type Progress = {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly applied: number;
  readonly head: number;
  readonly lag: number;
  readonly rate?: number;
};
