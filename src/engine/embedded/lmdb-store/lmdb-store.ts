import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, open, type RootDatabase, type RootDatabaseOptions } from 'lmdb';
import type { Document } from '../../../store/documents.ts';
import { testOf } from '../../../store/filter.ts';
import { appliedOf, foldWrites, writesByDocument } from '../../../store/fold.ts';
import {
  type Batch,
  CheckpointMoved,
  type ReadStore,
  StoreUnavailable,
} from '../../../store/store.ts';
import { applyWrite } from '../../../store/update.ts';
import { checkStructure } from '../files/file-structure.ts';
import { checkFreeSpace } from '../files/free-space.ts';
import { openBesideWriters, whileOthersOpen } from '../files/opening-gate.ts';
import { prepareCollection, type Transact } from './preparation.ts';
import { findDocuments } from './scan.ts';
import { documentIn, openTables, type Tables } from './tables.ts';
import { type Change, openWriter } from './writer.ts';

export type EmbeddedStoreOptions = {
  /** The folder of the store; not used for anything else. */
  readonly path: string;
};

/**
 * The read store in an LMDB file of its own. Every call that writes is one transaction, durable when it resolves:
 * after a crash it is there completely or not at all. Rejects with one line that names the folder if it cannot be
 * used.
 */
export const embeddedStore = async ({ path }: EmbeddedStoreOptions): Promise<ReadStore> => {
  const root = await openRoot(path);
  const tables = openTables(root);
  const transact = transactIn(root, path);
  // A database that is created within a transaction is lost with it, so they are opened before.
  const transactOn: TransactOn = (collections, action) => {
    for (const collection of collections) tables.of(collection);
    return transact(action);
  };
  const change = (collection: string, id: string, of: Change): Promise<Document | undefined> =>
    transactOn([collection], () => openWriter(tables, collection)(id, of));
  return {
    isAway: () => false,
    hasDates: false,
    prepare: async (specs) => {
      for (const spec of specs) await prepareCollection({ tables, transact }, spec);
    },
    ...readsOf(tables),
    apply: (batch) => transactOn(collectionsOf(batch), () => applyBatch(tables, batch)),
    update: async (collection, which, update) => {
      const { id, where } = typeof which === 'string' ? { id: which } : which;
      const isAsked = where === undefined ? () => true : testOf(where);
      let isChanged = false;
      const document = await change(collection, id, (before) => {
        isChanged = before !== undefined && isAsked(before);
        return isChanged
          ? applyWrite(before, { updateOne: { filter: { _id: id }, update } })
          : before;
      });
      return isChanged ? document : undefined;
    },
    upsert: async (collection, id, update) => {
      const write = { updateOne: { filter: { _id: id }, update, upsert: true } };
      const document = await change(collection, id, (before) => applyWrite(before, write));
      return document as Document;
    },
    put: async (collection, document) => {
      await change(collection, document._id, (before) =>
        applyWrite(before, { insertOne: { document } }),
      );
    },
    remove: async (collection, id) => {
      await change(collection, id, () => undefined);
    },
    drop: async (collection) => {
      await transactOn([collection], () => tables.forget(collection));
      while (await transact(() => tables.thin(collection)));
    },
    close: async () => {
      await root.committed;
      await root.close();
    },
  };
};

type TransactOn = <T>(collections: Iterable<string>, action: () => T) => Promise<T>;

const collectionsOf = ({ writes }: Batch): Set<string> =>
  new Set(writes.map(({ collection }) => collection));

const readsOf = (
  tables: Tables,
): Pick<ReadStore, 'get' | 'getMany' | 'find' | 'count' | 'checkpoint'> => {
  const target = (name: string) => ({ table: tables.of(name), catalogue: tables.catalogue(name) });
  const read = (name: string, id: string) => documentIn(tables.of(name).documents, id);
  return {
    get: async (collection, id) => read(collection, id),
    getMany: async (collection, ids) =>
      [...new Set(ids)]
        .map((id) => read(collection, id))
        .filter((document) => document !== undefined),
    find: async (collection, filter, options = {}) =>
      findDocuments(target(collection), filter, options),
    count: async (collection, filter, max) =>
      Object.keys(filter).length === 0
        ? Math.min(max, entriesIn(tables.of(collection).documents))
        : findDocuments(target(collection), filter, { limit: max }).length,
    checkpoint: async (projection, partition) => tables.checkpoint(projection, partition),
  };
};

const fileName = 'read-models.mdb';

/** LMDB knows the count without reading them. */
const entriesIn = (database: Database<unknown, Buffer>): number =>
  (database.getStats() as { entryCount: number }).entryCount;

/**
 * A child transaction of LMDB: if it throws, only its own writes are rolled back, although transactions of several
 * callers are committed together.
 */
const transactIn =
  (root: RootDatabase, path: string): Transact =>
  async (action) => {
    const file = join(path, fileName);
    try {
      await whileOthersOpen(file);
      checkFreeSpace(file);
      return await root.childTransaction(action);
    } catch (error) {
      throw await failureOf(error);
    }
  };

/** A commit that fails rejects with a second promise inside, which rejects with the reason. */
const failureOf = async (error: unknown): Promise<unknown> => {
  const { commitError } = Object(error) as { commitError?: Promise<never> };
  const cause = (await commitError?.catch((reason: unknown) => reason)) ?? error;
  if (!isStorageFault(cause)) return cause;
  const message = `The read models cannot be written (${messageOf(cause)}): see whether the disk is full`;
  return new StoreUnavailable(message, { cause });
};

/**
 * LMDB crashes the process on a file that is not its own, so the file is checked before. Several processes may write
 * it: a server, a projection, a rebuild.
 */
const openRoot = async (path: string): Promise<RootDatabase> => {
  const file = join(path, fileName);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (existsSync(file) && statSync(file).size > 0) checkStructure(file, { shared: true });
    const options: RootDatabaseOptions & { permissionsMode: number } = {
      maxDbs: databasesMax,
      permissionsMode: 0o600,
      // Committed means flushed.
      overlappingSync: false,
      // With overlapping sync, a commit that fails rejects a promise that cannot be observed, which ends the process.
      eventTurnBatching: false,
    };
    return await openBesideWriters(file, () => open(file, options));
  } catch (cause) {
    throw new Error(
      `The read models in ${path} cannot be opened (${messageOf(cause)}). Make the folder writable, or delete it: Oshi then rebuilds it from the log, without the read markers of users.`,
      { cause },
    );
  }
};

/** Each collection takes two; a version of a projection is a collection. */
const databasesMax = 512;

/** LMDB's errors, and those of the system that it passes on, have numbers. */
const isStorageFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';

/** The first sentence: the rest is advice for a file that cannot be rebuilt. */
const messageOf = (error: unknown): string =>
  String(error instanceof Error ? error.message : error)
    .split(/\n|\. /u, 1)
    .join('');

/**
 * Applies a batch and moves its checkpoints; throws `CheckpointMoved` before anything is written. Runs within one
 * transaction, so after a crash it is there completely or not at all.
 */
const applyBatch = (tables: Tables, batch: Batch): void => {
  const { projections, partition, from, to } = batch;
  for (const projection of projections) {
    const at = tables.checkpoint(projection, partition);
    if (at !== from) {
      throw new CheckpointMoved(`${projection} is at ${at} in partition ${partition}, not ${from}`);
    }
  }
  for (const [collection, documents] of writesByDocument(batch.writes)) {
    const write = openWriter(tables, collection);
    for (const [id, writes] of documents) {
      write(id, (document) => {
        const folded = foldWrites({ document, applied: appliedOf(document) }, writes, partition);
        return folded ? folded.document : document;
      });
    }
  }
  for (const projection of projections) tables.setCheckpoint(projection, partition, to);
};
