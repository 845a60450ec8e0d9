import type { Database, RangeOptions, RootDatabase } from 'lmdb';
import type { Document } from '../../../store/documents.ts';
import type { NumberedIndex } from './index-key.ts';

/** The metadata of a collection, stored in the file. */
export type Catalogue = {
  readonly indexes: readonly (NumberedIndex & { readonly isReady: boolean })[];
  /** Indexed fields that have held a list. */
  readonly lists: readonly string[];
};

/** A document without its `_id`, which is its key; earlier versions have stored that in it, too. */
export type StoredDocument = { readonly [field: string]: unknown };

/** One collection in the file: its documents by `_id`, and the entries of its indexes. */
export type Table = {
  readonly name: string;
  readonly documents: Database<StoredDocument, Buffer>;
  /** Index keys, from which the `_id` can be read; older ones have it as their value too. */
  readonly entries: Database<string, Buffer>;
};

/** LMDB takes no longer keys, and no empty one; so no document has such an `_id`. */
const keyBytesMax = 1978;

type Documents = Database<StoredDocument, Buffer>;

export const documentIn = (documents: Documents, id: string): Document | undefined => {
  const key = Buffer.from(id);
  if (key.length === 0 || key.length > keyBytesMax) return undefined;
  const stored = documents.get(key);
  return stored && { _id: id, ...stored };
};

/** The documents in a range of keys, in order. */
export function* documentsBetween(documents: Documents, range: RangeOptions): Generator<Document> {
  for (const { key, value } of documents.getRange(range)) yield { _id: key.toString(), ...value };
}

export const putDocument = (documents: Documents, key: Buffer, document: Document): void => {
  const { _id, ...stored } = document;
  documents.putSync(key, stored);
};

/** The collections of one file, opened by name. Inside a transaction they see its writes. */
export type Tables = {
  of(name: string): Table;
  catalogue(name: string): Catalogue;
  setCatalogue(name: string, catalogue: Catalogue): void;
  checkpoint(projection: string, partition: number): number;
  setCheckpoint(projection: string, partition: number, seq: number): void;
  /** Removes the indexes and the checkpoints of a collection. */
  forget(name: string): void;
  /** Removes some entries of a collection, and returns whether there may be more. */
  thin(name: string): boolean;
};

/** The encoding of documents: maps, each with the names of its fields. */
export const documentsForm = { keyEncoding: 'binary', encoder: { useRecords: false } } as const;
export const entriesForm = { keyEncoding: 'binary', encoding: 'string' } as const;

/** Entries that are removed at once: to clear a large table in one step takes seconds. */
const batchSize = 1000;

const removeSome = (table: Database<unknown, Buffer>): boolean => {
  const keys = [...table.getKeys({ limit: batchSize })];
  for (const key of keys) table.removeSync(key);
  return keys.length === batchSize;
};

export const openTables = (root: RootDatabase): Tables => {
  const open = new Map<string, Table>();
  const catalogues = root.openDB<Catalogue, string>('catalogues', { encoding: 'json' });
  const checkpoints = root.openDB<number, [string, number]>('checkpoints', { encoding: 'json' });
  const of = (name: string): Table => {
    let table = open.get(name);
    if (!table) {
      table = {
        name,
        documents: root.openDB(`documents ${name}`, documentsForm),
        entries: root.openDB(`entries ${name}`, entriesForm),
      };
      open.set(name, table);
    }
    return table;
  };
  return {
    of,
    catalogue: (name) => catalogues.get(name) ?? { indexes: [], lists: [] },
    setCatalogue: (name, catalogue) => catalogues.putSync(name, catalogue),
    checkpoint: (projection, partition) => checkpoints.get([projection, partition]) ?? 0,
    setCheckpoint: (projection, partition, seq) =>
      checkpoints.putSync([projection, partition], seq),
    forget: (name) => {
      catalogues.removeSync(name);
      const own = checkpoints.getKeys({ start: [name, 0], end: [name, Number.MAX_VALUE] });
      for (const key of [...own]) checkpoints.removeSync(key);
    },
    thin: (name) => {
      const { documents, entries } = of(name);
      return [documents, entries].map(removeSome).includes(true);
    },
  };
};
