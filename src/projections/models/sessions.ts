import * as Type from 'typebox';
import type { StoreToRead } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { collectionOf } from '../projection.ts';
import { dated } from './dated.ts';

/** One row per open session. `_id`: the session's id. `token`: SHA-256 of its token, base64url. */
export const SessionRow = Type.Object({
  _id: Type.String(),
  user: Type.String(),
  token: Type.String(),
  createdAt: Time,
  userAgent: Type.Optional(Type.String()),
});
export type SessionRow = Type.Static<typeof SessionRow>;

/** Open sessions; a session that was closed has no row. */
export const sessions = dated({
  name: 'sessions',
  version: 2,
  indexes: [{ token: 1 }, { user: 1, _id: 1 }],
  schema: SessionRow,
  on: {
    'session-opened': ({ d, at }, { id: user }) => {
      const { id, digest: token, userAgent } = d;
      const named = userAgent === undefined ? {} : { userAgent };
      return [{ insertOne: { document: { _id: id, user, token, createdAt: at, ...named } } }];
    },
    'session-closed': ({ d }) => [{ deleteOne: { filter: { _id: d.id } } }],
  },
});

export const sessionQueries = (store: StoreToRead) => {
  const collection = collectionOf(sessions);
  return {
    /** The session whose token has this SHA-256, base64url. */
    byToken: async (token: string): Promise<SessionRow | undefined> =>
      (await store.find(collection, { token }, { limit: 1 }))[0] as SessionRow | undefined,
    get: async (id: string): Promise<SessionRow | undefined> =>
      (await store.get(collection, id)) as SessionRow | undefined,
    /** All sessions of a user, in the order in which they were opened. */
    ofUser: async (user: string): Promise<SessionRow[]> =>
      (await store.find(collection, { user }, { sort: { _id: 1 } })) as SessionRow[],
  };
};
