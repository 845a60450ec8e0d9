import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per reaction, log and partition. `_id`: `<name>/<incarnation>/<partition>`. */
export const reactionProgress: CollectionSpec = { name: 'reaction_progress', indexes: [] };

/** The checkpoint of each reaction in one log. */
export const reactionProgressState = (store: ReadStore, incarnation: string) => ({
  load: async (name: string, partition: number): Promise<number> => {
    const row = await store.get(reactionProgress.name, `${name}/${incarnation}/${partition}`);
    return (row?.seq as number | undefined) ?? 0;
  },
  save: (name: string, partition: number, seq: number): Promise<void> =>
    store.put(reactionProgress.name, { _id: `${name}/${incarnation}/${partition}`, seq }),
});
