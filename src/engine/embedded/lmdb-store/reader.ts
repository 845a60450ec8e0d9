import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import type { QueryReader } from '../../../store/document-reader.ts';
import type { Document } from '../../../store/documents.ts';
import { checkStructure } from '../files/file-structure.ts';
import { openBesideWriters } from '../files/opening-gate.ts';
import { opening } from '../files/refusal.ts';
import { findDocuments } from './scan.ts';
import {
  type Catalogue,
  documentIn,
  documentsBetween,
  documentsForm,
  entriesForm,
  type StoredDocument,
} from './tables.ts';

const databasesMax = 512;

/**
 * Reads the read models of a folder beside the server that writes them. Undefined if there are none yet. Throws
 * `StoreRefused` if the file is damaged.
 */
export const embeddedReader = async (path: string): Promise<QueryReader | undefined> => {
  const file = join(path, 'read-models.mdb');
  if (!existsSync(file) || statSync(file).size === 0) return undefined;
  checkStructure(file, { shared: true });
  const root = await openBesideWriters(file, () =>
    opening(file, () => open({ path: file, maxDbs: databasesMax, readOnly: true })),
  );
  // If opened read-only, a database that does not exist is undefined.
  const databaseOf = <V, K extends Buffer | string | [string, number]>(
    name: string,
    options: object,
  ) => root.openDB<V, K>(name, options) as Database<V, K> | undefined;
  const known = new Map<string, Database<StoredDocument, Buffer>>();
  // Reads see what the server has written by now, not as of the start of this turn of the event loop.
  const documents = (collection: string): Database<StoredDocument, Buffer> | undefined => {
    root.resetReadTxn();
    const found =
      known.get(collection) ??
      databaseOf<StoredDocument, Buffer>(`documents ${collection}`, documentsForm);
    if (found) known.set(collection, found);
    return found;
  };
  const catalogues = databaseOf<Catalogue, string>('catalogues', { encoding: 'json' });
  const checkpoints = databaseOf<number, [string, number]>('checkpoints', { encoding: 'json' });
  const get = (collection: string, id: string): Document | undefined => {
    const kept = documents(collection);
    return kept && documentIn(kept, id);
  };
  return {
    get: async (collection, id) => get(collection, id),
    getMany: async (collection, ids) => ids.flatMap((id) => get(collection, id) ?? []),
    page: async (collection, after, limit) => {
      const start = Buffer.concat([Buffer.from(after), Buffer.of(0)]);
      const kept = documents(collection);
      return kept ? [...documentsBetween(kept, { start, limit })] : [];
    },
    find: async (collection, filter, options = {}) => {
      const kept = documents(collection);
      const entries = databaseOf<string, Buffer>(`entries ${collection}`, entriesForm);
      if (!(kept && entries)) return [];
      const table = { name: collection, documents: kept, entries };
      const catalogue = catalogues?.get(collection) ?? { indexes: [], lists: [] };
      return findDocuments({ table, catalogue }, filter, options);
    },
    checkpoint: async (projection, partition) => {
      root.resetReadTxn();
      return checkpoints?.get([projection, partition]) ?? 0;
    },
    close: () => root.close(),
  };
};
