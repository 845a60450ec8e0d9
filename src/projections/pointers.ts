import type { DocumentReader } from '../store/document-reader.ts';
import { collectionIn, type Origin, origins } from '../store/origins.ts';
import type { ReadStore } from '../store/store.ts';

/** More rows than there ever are. */
const rowsMax = 1_000;

/** A model whose documents have moved to another collection. */
export type Move = { readonly logical: string; readonly from: string; readonly to: string };

/** Where the documents of read models are, as known to this process. */
export type Pointers = {
  /** The physical name for a logical one; without a row, it is the same. */
  of(logical: string): string;
  /** Reads the rows again, and returns them. `of` does not change. */
  look(): Promise<readonly Origin[]>;
  /** Changes what `of` returns. */
  set(logical: string, physical: string): void;
  /** Reads the rows again and applies them, for a process that only reads; returns what has moved. */
  refresh(): Promise<readonly Move[]>;
};

/** Loads the pointers. A model without a row is in the collection of its own name. */
export const openPointers = async (store: Pick<ReadStore, 'find'>): Promise<Pointers> => {
  const known = new Map<string, string>();
  const of = (logical: string): string => known.get(logical) ?? logical;
  const look = async (): Promise<Origin[]> =>
    (await store.find(origins.name, {}, { sort: { _id: 1 }, limit: rowsMax })) as Origin[];
  const refresh = async (): Promise<Move[]> => {
    const moves: Move[] = [];
    for (const row of await look()) {
      const [logical, from, to] = [row._id, of(row._id), collectionIn(row)];
      known.set(logical, to);
      if (from !== to) moves.push({ logical, from, to });
    }
    return moves;
  };
  await refresh();
  return {
    of,
    look,
    refresh,
    set: (logical, physical) => {
      known.set(logical, physical);
    },
  };
};

/**
 * The store for queries: they name collections logically, and read where the pointer leads at that moment; they reject
 * with what `of` throws. Writes, `prepare` and `drop` use physical names, as in the store itself.
 */
export const pointed = (store: ReadStore, { of }: Pick<Pointers, 'of'>): ReadStore => ({
  ...store,
  get: async (collection, id) => store.get(of(collection), id),
  getMany: async (collection, ids) => store.getMany(of(collection), ids),
  find: async (collection, filter, options) => store.find(of(collection), filter, options),
  count: async (collection, filter, max) => store.count(of(collection), filter, max),
});

/** The reader with logical names, checkpoints too. */
export const pointedReader = (
  reader: DocumentReader,
  { of }: Pick<Pointers, 'of'>,
): DocumentReader => ({
  ...reader,
  get: (collection, id) => reader.get(of(collection), id),
  getMany: (collection, ids) => reader.getMany(of(collection), ids),
  page: (collection, after, limit) => reader.page(of(collection), after, limit),
  checkpoint: (projection, partition) => reader.checkpoint(of(projection), partition),
});

export const pointersIn = (reader: DocumentReader): Promise<Pointers> =>
  openPointers({ find: (collection) => reader.page(collection, '', rowsMax) });
