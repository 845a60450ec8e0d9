import * as Type from 'typebox';
import type { ReadStore } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { collectionOf } from '../projection.ts';
import { dated } from './dated.ts';
import type { Page } from './memberships.ts';
import { updated } from './writes.ts';

/** One row per invite that ever existed. `_id`: its code. */
export const InviteRow = Type.Object({
  _id: Type.String(),
  circle: Type.String(),
  by: Type.String(),
  createdAt: Time,
  /** The number of the circle's event that made it: invites are listed by it, the newest first. */
  order: Type.Integer(),
  /** 0: unlimited. */
  maxUses: Type.Integer(),
  uses: Type.Integer(),
  /** When it expires; `Number.MAX_SAFE_INTEGER`: never. */
  until: Time,
  revoked: Type.Boolean(),
});
export type InviteRow = Type.Static<typeof InviteRow>;

const forEver = Number.MAX_SAFE_INTEGER;

/** All invites, and how often they were used. */
export const invites = dated({
  name: 'invites',
  version: 2,
  indexes: [{ circle: 1, revoked: 1, order: 1 }],
  schema: InviteRow,
  on: {
    'invite-created': ({ d, at, by, n: order }, { id: circle }) => {
      const { code, maxUses, expiresAt: until = forEver } = d;
      const counts = { maxUses, uses: 0, until, revoked: false };
      const document: InviteRow = { _id: code, circle, by, createdAt: at, order, ...counts };
      return [{ insertOne: { document } }];
    },
    'invite-revoked': ({ d }) => updated(d.code, { $set: { revoked: true } }),
    'member-joined': ({ d }) =>
      d.invite === undefined ? [] : updated(d.invite, { $inc: { uses: 1 } }),
  },
});

/** An invite, for members who may invite. */
export const inviteView = (row: InviteRow) => ({
  code: row._id,
  circle: row.circle,
  by: row.by,
  maxUses: row.maxUses,
  uses: row.uses,
  ...(row.until !== forEver && { expiresAt: row.until }),
});

export const isUsable = ({ revoked, until, maxUses, uses }: InviteRow, at: number): boolean =>
  !revoked && at < until && (maxUses === 0 || uses < maxUses);

export const inviteQueries = (store: ReadStore) => {
  const collection = collectionOf(invites);
  return {
    get: async (code: string): Promise<InviteRow | undefined> =>
      (await store.get(collection, code)) as InviteRow | undefined,
    /** Those of a circle that are neither revoked nor expired, the newest first; `after` is an `order`. */
    ofCircle: async (circle: string, { after, limit }: Page, at: number): Promise<InviteRow[]> => {
      const below = after === undefined ? {} : { order: { $lt: Number(after) } };
      const filter = { circle, revoked: false, until: { $gt: at }, ...below };
      return (await store.find(collection, filter, { sort: { order: -1 }, limit })) as InviteRow[];
    },
  };
};
