import type { EventStamp } from '../events/commit.ts';
import type { EventIn } from '../events/kinds/kinds.ts';
import type { CircleRow } from '../projections/models/circles.ts';

export type PastMember = {
  readonly joinedAt: number;
  /** The number of the circle's event by which they joined, and its author. */
  readonly joinedN: number;
  readonly by: string;
  /** The invite by which they joined, if any. */
  readonly invite?: string;
  readonly nickname?: string;
  readonly avatar?: string;
  /** Whether they had data of their own, which is not shown. */
  readonly dataSet: boolean;
};

export type PastStream = {
  readonly name: string;
  readonly topic?: string;
  readonly archived: boolean;
  readonly createdAt: number;
  /** The number of the circle's event that created it, which is the order of streams. */
  readonly createdN: number;
};

export type PastInvite = {
  readonly by: string;
  /** 0: unlimited. */
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt?: number;
  readonly revoked: boolean;
};

/** A circle after one of its events. A deleted one has no members, streams and invites. */
export type PastCircle = Pick<
  CircleRow,
  'kind' | 'name' | 'visibility' | 'about' | 'owner' | 'createdAt'
> & {
  /** The number, time and place of the event; 0 before the first. */
  n: number;
  at: number;
  place: number;
  exists: boolean;
  deleted: boolean;
  readonly members: Map<string, PastMember>;
  /** Streams that were not deleted, in the order of creation. */
  readonly streams: Map<string, PastStream>;
  /** All invites, also used up, expired and revoked ones. */
  readonly invites: Map<string, PastInvite>;
};

/** An event of a circle, with the fields that its history needs. */
export type CircleEvent = EventIn<'circle'> &
  Pick<EventStamp, 'at' | 'by'> & { readonly n: number; readonly place: number };

/** The state before the first event. */
export const noPastCircle = (): PastCircle => ({
  n: 0,
  at: 0,
  place: 0,
  exists: false,
  deleted: false,
  kind: 'circle',
  name: '',
  visibility: 'private',
  createdAt: 0,
  members: new Map(),
  streams: new Map(),
  invites: new Map(),
});

/** A copy that the caller may apply further events to. */
export const copyOf = (circle: PastCircle): PastCircle => ({
  ...circle,
  members: new Map(circle.members),
  streams: new Map(circle.streams),
  invites: new Map(circle.invites),
});

/** Applies changed fields; null removes one. */
const changed = <Thing extends object>(
  before: Thing,
  change: { readonly [field: string]: unknown },
): Thing => {
  const after = { ...before } as Thing & Record<string, unknown>;
  for (const [field, value] of Object.entries(change)) {
    if (value === null) delete after[field];
    else if (value !== undefined) Object.assign(after, { [field]: value });
  }
  return after;
};

const join = (
  { members, invites }: PastCircle,
  { d, at, by, n }: Extract<CircleEvent, { k: 'member-joined' }>,
): void => {
  const { user, invite: code } = d;
  const invited = code === undefined ? {} : { invite: code };
  members.set(user, { joinedAt: at, joinedN: n, by, ...invited, dataSet: false });
  const invite = code === undefined ? undefined : invites.get(code);
  if (invite && code !== undefined) invites.set(code, { ...invite, uses: invite.uses + 1 });
};

const setData = (
  { members }: PastCircle,
  { d: { user, data, nickname, avatar } }: Extract<CircleEvent, { k: 'member-data-changed' }>,
): void => {
  const member = members.get(user);
  if (!member) return;
  const dataSet = data === undefined ? member.dataSet : data !== null;
  members.set(user, { ...changed(member, { nickname, avatar }), dataSet });
};

const changeStream = (
  { streams }: PastCircle,
  id: string,
  change: { readonly [field: string]: unknown },
): void => {
  const stream = streams.get(id);
  if (stream) streams.set(id, changed(stream, change));
};

const remove = (circle: PastCircle): void => {
  circle.deleted = true;
  circle.members.clear();
  circle.streams.clear();
  circle.invites.clear();
};

const change = (circle: PastCircle, event: CircleEvent): void => {
  const { at, by, n } = event;
  switch (event.k) {
    case 'circle-created':
      Object.assign(circle, event.d, { exists: true, createdAt: at });
      break;
    case 'circle-updated': {
      const { about, ...rest } = event.d;
      Object.assign(circle, rest);
      if (about === null) delete circle.about;
      else if (about !== undefined) circle.about = about;
      break;
    }
    case 'circle-deleted':
      remove(circle);
      break;
    case 'member-joined':
      join(circle, event);
      break;
    case 'member-left':
    case 'member-removed':
      circle.members.delete(event.d.user);
      break;
    case 'member-data-changed':
      setData(circle, event);
      break;
    case 'stream-created': {
      const { id, ...named } = event.d;
      circle.streams.set(id, { ...named, archived: false, createdAt: at, createdN: n });
      break;
    }
    case 'stream-updated': {
      const { id, ...named } = event.d;
      changeStream(circle, id, named);
      break;
    }
    case 'stream-archived':
    case 'stream-restored':
      changeStream(circle, event.d.id, { archived: event.k === 'stream-archived' });
      break;
    case 'stream-deleted':
      circle.streams.delete(event.d.id);
      break;
    case 'invite-created': {
      const { code, ...invite } = event.d;
      circle.invites.set(code, { ...invite, by, uses: 0, revoked: false });
      break;
    }
    case 'invite-revoked': {
      const invite = circle.invites.get(event.d.code);
      if (invite) circle.invites.set(event.d.code, { ...invite, revoked: true });
      break;
    }
  }
};

export const applyEvent = (circle: PastCircle, event: CircleEvent): void => {
  change(circle, event);
  circle.n = event.n;
  circle.at = event.at;
  circle.place = event.place;
};
