import { collectionIn, type Origin, origins } from './pointers.ts';
import { collectionOf, type Projection } from './projection.ts';
import type { ReadStore } from './store.ts';

/** More rows than there ever are. */
const rowsMax = 1_000;

export type BindingOptions = {
  readonly incarnation: string;
  readonly projections: readonly Projection[];
  /** Told in one line when read models are thrown away. */
  readonly say: (line: string) => void;
};

/**
 * Makes sure that the read models are of this log. Those of another, such as a log that was restored from a
 * backup, are thrown away and will be built anew: places in one log mean nothing in another.
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
      say(`The read model ${projection.name} was built from another log; it is built anew.`);
      await dropAll(store, row as Origin);
    }
    await store.put(origins.name, { _id: collection, incarnation });
  }
};

/** Drops all collections of a read model, that which is being rebuilt too, and then its row. */
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

/** The logs that any read models of a store were built from; empty if there are none. */
export const incarnationsIn = async (store: ReadStore): Promise<ReadonlySet<string>> => {
  await store.prepare([origins]);
  const rows = (await store.find(
    origins.name,
    {},
    { sort: { _id: 1 }, limit: rowsMax },
  )) as Origin[];
  return new Set(rows.map(({ incarnation }) => incarnation));
};

/** The log that a collection was built from; undefined if it never was bound to one. */
export const originOf = async (
  store: Pick<ReadStore, 'get'>,
  collection: string,
): Promise<string | undefined> =>
  (await store.get(origins.name, collection))?.incarnation as string | undefined;
