/** A user, as visible to all others. */
export type User = {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly avatar?: string;
  readonly about?: string;
};

/** What a server tells before a login. */
export type ServerInfo = {
  readonly name: string;
  readonly version: string;
  /** `invite`: only with the code of an invite to a circle. */
  readonly registration: 'open' | 'invite' | 'closed';
  readonly login: readonly string[];
  readonly limits: { readonly frame: number; readonly text: number; readonly page: number };
};

/** The nickname and avatar in one circle, if set. */
export type MemberLook = { readonly nickname?: string; readonly avatar?: string };

/** A user next to messages, with their nickname and avatar in that circle. */
export type Participant = User & { readonly member?: MemberLook };

/** An entry in a circle's list of members; `joinedAt` in ms since 1970. */
export type Member = MemberLook & { readonly user: User; readonly joinedAt: number };

/** A member's own settings; `data` is only visible to them. */
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

/** A circle; non-members of a public one see neither `streams` nor `n`. */
export type Circle = {
  readonly id: string;
  readonly kind: 'circle' | 'direct';
  readonly name: string;
  readonly about?: string;
  readonly visibility: 'public' | 'private';
  readonly owner?: string;
  /** The number of members. */
  readonly members: number;
  readonly streams?: readonly Stream[];
  readonly n?: number;
  /** The other user of a direct conversation, whose own name is empty. */
  readonly with?: User;
};

/** A circle in a list. */
export type CircleEntry = Pick<Circle, 'id' | 'kind' | 'name' | 'visibility' | 'with'>;

/** The reactions to a message, by emoji: their number, and whether the user's own is among them. */
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

/** A previous text of a message, and the time from which it was valid. */
export type Edit = { readonly at: number; readonly text: string };

/** The state of the event stream `me`. */
export type Me = {
  readonly user: User;
  readonly circles: readonly CircleEntry[];
  /** There are more circles than these: `Http.circles` lists them. */
  readonly more?: true;
};

/** A session of a user; times in ms since 1970. */
export type Session = {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent?: string;
  /** Whether it is the caller's session. */
  readonly current: boolean;
};

/** An invite to a circle; `maxUses` 0: unlimited; `expiresAt` in ms since 1970, absent: never. */
export type Invite = {
  readonly code: string;
  readonly circle: string;
  readonly by: string;
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt?: number;
};

/** The circle of an invite, before joining. */
export type InvitePreview = {
  readonly circle: Pick<Circle, 'id' | 'name' | 'about' | 'members'>;
  readonly expiresAt?: number;
};

/** The presence of a circle; users in neither list are offline. */
export type Presence = { readonly online: readonly string[]; readonly idle: readonly string[] };

/** A stream with unread messages: the last one read, and the numbers since, at most 100 each. */
export type Unread = {
  readonly s: string;
  readonly last: number;
  readonly read: number;
  readonly unread: number;
  readonly mentions: number;
};

/** A page of a stream, ascending, with the `users` in it. */
export type History = {
  readonly messages: readonly Message[];
  readonly users: readonly Participant[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};

/** The event after which a past state was valid: the `n`th of the circle or stream, at `at`. */
export type Then = { readonly n: number; readonly at: number };

/** A point in time: in ms since 1970, ISO 8601, or, below 10^11, an event number. */
export type Moment = number | string;

/** A filter of the audit trail: from `since` on, before `until`, in ms since 1970 or ISO 8601. */
export type AuditFilter = {
  readonly stream?: string | undefined;
  readonly user?: string | undefined;
  readonly kind?: string | undefined;
  readonly by?: string | undefined;
  readonly since?: number | string | undefined;
  readonly until?: number | string | undefined;
  readonly after?: string | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
};

/** One event of the audit trail; `before` and `after` hold the changed fields. */
export type AuditEntry = {
  readonly position: string;
  readonly n: number;
  readonly k: string;
  readonly of: 'circle' | 'stream';
  readonly circle: string;
  readonly stream?: string;
  /** The affected user. */
  readonly user?: string;
  readonly message?: string;
  readonly at: number;
  readonly by: string;
  readonly session?: string;
  readonly connection?: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
};

/** The progress of a projection in a circle's partition; `lag` in events, `rate` per second. */
export type Progress = {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly applied: number;
  readonly head: number;
  readonly lag: number;
  readonly rate?: number;
};
