import type { CollectionSpec, Document } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per signed checkpoint of a log. `_id`: `<incarnation>/<when, in ms, 15 digits>`. */
export const checkpoints: CollectionSpec = { name: 'checkpoints', indexes: [] };

type Dated = { readonly incarnation: string; readonly at: number };

const idOf = (incarnation: string, at: number): string =>
  `${incarnation}/${String(at).padStart(15, '0')}`;

/** Signed checkpoints, for an engine without a data folder. */
export const checkpointState = (store: ReadStore) => ({
  keep: (checkpoint: Dated): Promise<void> => {
    const { incarnation, at, ...rest } = checkpoint;
    return store.put(checkpoints.name, { _id: idOf(incarnation, at), incarnation, at, ...rest });
  },
  /** The last one of a log. */
  newest: async (incarnation: string): Promise<Document | undefined> => {
    const filter = { _id: { $gt: idOf(incarnation, 0), $lt: `${incarnation}0` } };
    return (await store.find(checkpoints.name, filter, { sort: { _id: -1 }, limit: 1 }))[0];
  },
});
