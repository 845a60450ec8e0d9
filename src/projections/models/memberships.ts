import Type from 'typebox';
import { collectionOf, projection } from '../projection.ts';
import type { ReadStore } from '../store.ts';

/** One row per person and circle that they are or were in. `_id`: `<circle>/<user>`. */
export const MembershipRow = Type.Object({
  _id: Type.String(),
  circle: Type.String(),
  user: Type.String(),
  /** Whether they are in it now. Says nothing of a circle that was deleted. */
  active: Type.Boolean(),
  joinedAt: Type.Integer(),
});
export type MembershipRow = Type.Static<typeof MembershipRow>;

const idOf = (circle: string, user: string): string => `${circle}/${user}`;

const ended = ({ d }: { d: { user: string } }, { id }: { id: string }) => [
  { updateOne: { filter: { _id: idOf(id, d.user) }, update: { $set: { active: false } } } },
];

/** Who is in which circle. */
export const memberships = projection({
  name: 'memberships',
  version: 1,
  indexes: [
    { user: 1, active: 1, circle: 1 },
    { circle: 1, active: 1, user: 1 },
  ],
  schema: MembershipRow,
  on: {
    'member-joined': ({ d, at }, { id: circle }) => {
      const { user } = d;
      const update = { $set: { circle, user, active: true, joinedAt: at } };
      return [{ updateOne: { filter: { _id: idOf(circle, user) }, update, upsert: true } }];
    },
    'member-left': ended,
    'member-removed': ended,
  },
});

/** A page of a list: after which key it begins, and how many rows it has at most. */
export type Page = { readonly after?: string; readonly limit: number };

export const membershipQueries = (store: ReadStore) => {
  const collection = collectionOf(memberships);
  const beyond = (field: string, after: string | undefined) =>
    after === undefined ? {} : { [field]: { $gt: after } };
  return {
    /** Whether somebody is or was in a circle; undefined: never. */
    get: async (circle: string, user: string): Promise<MembershipRow | undefined> =>
      (await store.get(collection, idOf(circle, user))) as MembershipRow | undefined,
    /** The circles that somebody is in, in the order of their ids. */
    ofUser: async (user: string, { after, limit }: Page): Promise<MembershipRow[]> =>
      (await store.find(
        collection,
        { user, active: true, ...beyond('circle', after) },
        { sort: { circle: 1 }, limit },
      )) as MembershipRow[],
    /** Who is in a circle, in the order of their ids. */
    ofCircle: async (circle: string, { after, limit }: Page): Promise<MembershipRow[]> =>
      (await store.find(
        collection,
        { circle, active: true, ...beyond('user', after) },
        { sort: { user: 1 }, limit },
      )) as MembershipRow[],
    /** In how many circles somebody is, counted up to `max`. */
    count: (user: string, max: number): Promise<number> =>
      store.count(collection, { user, active: true }, max),
  };
};
