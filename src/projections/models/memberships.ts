import * as Type from 'typebox';
import { isDirectCircle } from '../../events/ids.ts';
import type { ReadStore } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { collectionOf } from '../projection.ts';
import { dated } from './dated.ts';
import { replacing, updated, upserted } from './writes.ts';

/** One row per user and circle that they are or were in. `_id`: `<circle>/<user>`. */
export const MembershipRow = Type.Object({
  _id: Type.String(),
  circle: Type.String(),
  user: Type.String(),
  kind: Type.Union([Type.Literal('circle'), Type.Literal('direct')]),
  /** Whether they are a member now. Not updated when the circle is deleted. */
  active: Type.Boolean(),
  joinedAt: Time,
  /** The position in the log of the commit by which they joined. */
  joinedSeq: Type.Integer(),
  nickname: Type.Optional(Type.String()),
  avatar: Type.Optional(Type.String()),
  /** JSON as text: its keys are chosen by users, and a store might not accept them. */
  data: Type.Optional(Type.String()),
});
export type MembershipRow = Type.Static<typeof MembershipRow>;

const idOf = (circle: string, user: string): string => `${circle}/${user}`;

/** A member's own data is removed with the membership. */
const own = { nickname: '', avatar: '', data: '' };

const ended = ({ d }: { d: { user: string } }, { id }: { id: string }) =>
  updated(idOf(id, d.user), { $set: { active: false }, $unset: own });

/** The members of circles, and their nicknames. */
export const memberships = dated({
  name: 'memberships',
  version: 3,
  indexes: [
    { user: 1, active: 1, kind: 1, circle: 1 },
    { circle: 1, active: 1, user: 1 },
  ],
  schema: MembershipRow,
  on: {
    'member-joined': ({ d, at, seq }, { id: circle }) => {
      const { user } = d;
      const kind = isDirectCircle(circle) ? 'direct' : 'circle';
      const row = { circle, user, kind, active: true, joinedAt: at, joinedSeq: seq };
      return upserted(idOf(circle, user), { $set: row });
    },
    'member-left': ended,
    'member-removed': ended,
    'member-data-changed': ({ d }, { id: circle }) => {
      const { user, data, ...names } = d;
      const json = data === undefined || data === null ? data : JSON.stringify(data);
      return updated(idOf(circle, user), replacing({ ...names, data: json }));
    },
  },
});

/** A page of a list: the key after which it starts, and its size at most. */
export type Page = { readonly after?: string; readonly limit: number };

const kinds = ['circle', 'direct'] as const;
type Kind = (typeof kinds)[number];

export const membershipQueries = (store: ReadStore) => {
  const collection = collectionOf(memberships);
  const beyond = (field: string, after: string | undefined) =>
    after === undefined ? {} : { [field]: { $gt: after } };
  return {
    /** Whether a user is or was in a circle; undefined: never. */
    get: async (circle: string, user: string): Promise<MembershipRow | undefined> =>
      (await store.get(collection, idOf(circle, user))) as MembershipRow | undefined,
    /** The memberships of several users in a circle, past ones too, in no order. */
    getMany: async (circle: string, users: Iterable<string>): Promise<MembershipRow[]> => {
      const ids = [...new Set(users)].map((user) => idOf(circle, user));
      return (await store.getMany(collection, ids)) as MembershipRow[];
    },
    /** The circles of one kind, or of both, that a user is in, in the order of their ids. */
    ofUser: async (user: string, { after, limit }: Page, kind?: Kind): Promise<MembershipRow[]> =>
      (await store.find(
        collection,
        { user, active: true, kind: kind ?? { $in: kinds }, ...beyond('circle', after) },
        { sort: { circle: 1 }, limit },
      )) as MembershipRow[],
    /** The members of a circle, in the order of their ids. */
    ofCircle: async (circle: string, { after, limit }: Page): Promise<MembershipRow[]> =>
      (await store.find(
        collection,
        { circle, active: true, ...beyond('user', after) },
        { sort: { user: 1 }, limit },
      )) as MembershipRow[],
    /** The number of circles that a user is in, without direct conversations, counted up to `max`. */
    count: (user: string, max: number): Promise<number> =>
      store.count(collection, { user, active: true, kind: 'circle' }, max),
  };
};
