import type { Document, Index } from '../../../store/documents.ts';
import { indexKeys, type NumberedIndex, valueAt } from './index-key.ts';
import { documentIn, putDocument, type Table, type Tables } from './tables.ts';

/** What becomes of a document. */
export type Change = (document: Document | undefined) => Document | undefined;

/**
 * Writes documents of one collection together with their index entries, within one transaction: changes or removes
 * one document, unless it stays the same, and returns the result.
 */
export const openWriter = (
  tables: Tables,
  name: string,
): ((id: string, of: Change) => Document | undefined) => {
  const table = tables.of(name);
  const { indexes } = tables.catalogue(name);
  const noteLists = openListNotes(tables, name);
  return (id, of) => {
    const key = Buffer.from(id);
    const before = documentIn(table.documents, id);
    const after = of(before);
    if (after === before) return after;
    if (after) putDocument(table.documents, key, after);
    else table.documents.removeSync(key);
    for (const index of indexes) writeEntries({ table, index }, before, after);
    if (after) noteLists(after);
    return after;
  };
};

/** Records which indexed fields hold lists, since their ranges are read differently (see `scan`). */
export const openListNotes = (tables: Tables, name: string): ((document: Document) => void) => {
  const { indexes, lists } = tables.catalogue(name);
  const candidates = new Set(indexes.flatMap(({ index }) => Object.keys(index)));
  for (const path of lists) candidates.delete(path);
  const known = [...lists];
  return (document) => {
    for (const path of candidates) {
      if (!Array.isArray(valueAt(document, path))) continue;
      candidates.delete(path);
      known.push(path);
      tables.setCatalogue(name, { indexes, lists: [...known] });
    }
  };
};

/** Makes the entries of one index match one document. */
export const writeEntries = (
  { table, index }: { readonly table: Table; readonly index: NumberedIndex },
  before: Document | undefined,
  after: Document | undefined,
): void => {
  if (before && after && isSameTo(index.index, before, after)) return;
  const old = before ? indexKeys(index, before) : [];
  const keys = after ? indexKeys(index, after) : [];
  for (const key of old) {
    if (!keys.some((other) => other.equals(key))) table.entries.removeSync(key);
  }
  for (const key of keys) {
    if (!old.some((other) => other.equals(key))) table.entries.putSync(key, '');
  }
};

const isSameTo = (index: Index, before: Document, after: Document): boolean =>
  Object.keys(index).every((path) => valueAt(before, path) === valueAt(after, path));
