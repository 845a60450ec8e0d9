import * as Type from 'typebox';
import { defined } from '../../runtime/defined.ts';
import type { Document } from '../../store/documents.ts';
import type { StoreToRead } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { collectionOf } from '../projection.ts';
import { dated } from './dated.ts';
import { replacing, updated } from './writes.ts';

/** One row per account. `_id`: the user's id. */
export const UserRow = Type.Object({
  _id: Type.String(),
  username: Type.String(),
  displayName: Type.Optional(Type.String()),
  avatar: Type.Optional(Type.String()),
  about: Type.Optional(Type.String()),
  registeredAt: Time,
  suspended: Type.Optional(Type.Object({ at: Time, reason: Type.Optional(Type.String()) })),
});
export type UserRow = Type.Static<typeof UserRow>;

/** All accounts and their profiles. */
export const users = dated({
  name: 'users',
  version: 2,
  indexes: [],
  schema: UserRow,
  on: {
    'user-registered': ({ d, at }, { id }) => {
      const { username, displayName } = d;
      const named = displayName === undefined ? {} : { displayName };
      return [{ insertOne: { document: { _id: id, username, ...named, registeredAt: at } } }];
    },
    'user-suspended': ({ d, at }, { id }) => {
      const suspended = { at, ...defined({ reason: d.reason }) };
      return updated(id, { $set: { suspended } });
    },
    'user-resumed': (_event, { id }) => updated(id, { $unset: { suspended: '' } }),
    'user-withdrawn': (_event, { id }) => [{ deleteOne: { filter: { _id: id } } }],
    'profile-updated': ({ d }, { id }) => updated(id, replacing(d)),
  },
});

/** A user as every logged-in user may see it. */
export const userView = (row: Omit<UserRow, 'registeredAt' | 'suspended'>) => ({
  id: row._id,
  username: row.username,
  displayName: row.displayName ?? row.username,
  ...defined({ avatar: row.avatar, about: row.about }),
});
export type UserView = ReturnType<typeof userView>;

export const userQueries = (store: StoreToRead) => {
  const collection = collectionOf(users);
  const view = (document: Document): UserView => userView(document as UserRow);
  const row = async (id: string) => (await store.get(collection, id)) as UserRow | undefined;
  return {
    row,
    /** A page of all accounts, in the order of their ids, which is that of their registration. */
    page: async (after: string, limit: number): Promise<UserRow[]> =>
      (await store.find(
        collection,
        { _id: { $gt: after } },
        { sort: { _id: 1 }, limit },
      )) as UserRow[],
    get: async (id: string): Promise<UserView | undefined> => {
      const found = await row(id);
      return found && userView(found);
    },
    /** Those that exist, in the order of their ids, each once. */
    getMany: async (ids: Iterable<string>): Promise<UserView[]> => {
      const rows = await store.getMany(collection, [...new Set(ids)]);
      return rows.map(view).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
};
