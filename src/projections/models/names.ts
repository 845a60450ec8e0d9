import * as Type from 'typebox';
import { isSkeletonKey } from '../../events/aggregate.ts';
import type { StoreToRead } from '../../store/store.ts';
import { collectionOf, projection } from '../projection.ts';
import { upserted } from './writes.ts';

/** One row per username that is taken. `_id`: the folded name. */
export const NameRow = Type.Object({ _id: Type.String(), user: Type.String() });
export type NameRow = Type.Static<typeof NameRow>;

export const names = projection({
  name: 'names',
  version: 1,
  indexes: [],
  schema: NameRow,
  on: {
    'name-claimed': ({ d }, { id }) =>
      isSkeletonKey(id) ? [] : upserted(id, { $set: { user: d.user } }),
    'name-released': (_event, { id }) =>
      isSkeletonKey(id) ? [] : [{ deleteOne: { filter: { _id: id } } }],
  },
});

export const nameQueries = (store: StoreToRead) => {
  const collection = collectionOf(names);
  return {
    /** The ids of the holders of these folded names, by the name; a name without a holder is left out. */
    holders: async (folded: readonly string[]): Promise<Map<string, string>> => {
      const rows = (await store.getMany(collection, folded)) as NameRow[];
      return new Map(rows.map(({ _id, user }) => [_id, user]));
    },
  };
};
