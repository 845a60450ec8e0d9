import type { CollectionSpec, Index } from '../../../store/documents.ts';
import { documentsBetween, type Table, type Tables } from './tables.ts';
import { openListNotes, writeEntries } from './writer.ts';

/** Runs its argument as one transaction. */
export type Transact = <T>(action: () => T) => Promise<T>;

/** Documents that are indexed in one transaction, so that others get their turn. */
const batchSize = 1000;

/**
 * Creates a collection and its indexes if they do not exist. An index includes whatever is written from now on, and
 * serves queries when the existing documents have been added to it.
 */
export const prepareCollection = async (
  { tables, transact }: { readonly tables: Tables; readonly transact: Transact },
  spec: CollectionSpec,
): Promise<void> => {
  const table = tables.of(spec.name);
  const isNew = await transact(() => registerIndexes(tables, spec));
  if (!isNew) return;
  let last: Buffer | undefined;
  do {
    last = await transact(() => indexPortion(tables, table, last));
  } while (last);
};

/** Whether there are indexes that are not ready. */
const registerIndexes = (tables: Tables, { name, indexes }: CollectionSpec): boolean => {
  const catalogue = tables.catalogue(name);
  const known = new Set(catalogue.indexes.map(({ index }) => JSON.stringify(index)));
  const missing = indexes.filter((index: Index) => !known.has(JSON.stringify(index)));
  const first = 1 + Math.max(0, ...catalogue.indexes.map(({ no }) => no));
  const added = missing.map((index, at) => ({
    no: first + at,
    index,
    isShort: true,
    isReady: false,
  }));
  const all = [...catalogue.indexes, ...added];
  tables.setCatalogue(name, { ...catalogue, indexes: all });
  return all.some(({ isReady }) => !isReady);
};

/** Indexes the documents after `after`; returns the last of them, or undefined at the end. */
const indexPortion = (tables: Tables, table: Table, after?: Buffer): Buffer | undefined => {
  const catalogue = tables.catalogue(table.name);
  const pending = catalogue.indexes.filter(({ isReady }) => !isReady);
  const start = after ? Buffer.concat([after, Buffer.of(0)]) : Buffer.of(0);
  const documents = [...documentsBetween(table.documents, { start, limit: batchSize })];
  const noteLists = openListNotes(tables, table.name);
  for (const document of documents) {
    for (const index of pending) writeEntries({ table, index }, undefined, document);
    noteLists(document);
  }
  const last = documents.at(-1);
  if (last) return Buffer.from(last._id);
  const { indexes, ...others } = tables.catalogue(table.name);
  const ready = indexes.map((index) => ({ ...index, isReady: true }));
  tables.setCatalogue(table.name, { ...others, indexes: ready });
  return undefined;
};
