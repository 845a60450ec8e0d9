import { collectionIn, type Origin, origins } from '../store/origins.ts';
import type { ReadStore } from '../store/store.ts';
import { collectionOf, type Projection } from './projection.ts';

export type BindingOptions = {
  readonly incarnation: string;
  readonly projections: readonly Projection[];
  /** Called with one line when read models are discarded. */
  readonly say: (line: string) => void;
};

/**
 * Binds the read models to this log. Those of another log, such as one that was restored from a backup, are discarded
 * and rebuilt: positions of one log mean nothing in another.
 */
export const bindToLog = async (
  store: ReadStore,
  { incarnation, projections, say }: BindingOptions,
): Promise<void> => {
  await store.prepare([origins]);
  for (const projection of projections) {
    const collection = collectionOf(projection);
    const row = await store.get(origins.name, collection);
    if (row?.incarnation === incarnation) continue;
    if (row) {
      say(`The read model ${projection.name} was built from another log; it will be rebuilt.`);
      await dropAll(store, row as Origin);
    }
    await store.put(origins.name, { _id: collection, incarnation });
  }
};

/** Drops all collections of a read model, including one that is being rebuilt, and then its row. */
export const forgetModel = async (store: ReadStore, collection: string): Promise<void> => {
  const row = await store.get(origins.name, collection);
  if (!row) return;
  await dropAll(store, row as Origin);
  await store.remove(origins.name, collection);
};

const dropAll = async (store: ReadStore, row: Origin): Promise<void> => {
  for (const name of [collectionIn(row), row.old, row.rebuilding]) {
    if (name !== undefined) await store.drop(name);
  }
};
