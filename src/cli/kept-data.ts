import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileShelf, type Shelf, stateShelf } from '../audit/shelf.ts';
import { ensureSigningKey, type SigningKey, signingKeyIn } from '../audit/signing-key.ts';
import type { Config } from '../config.ts';
import { openJetstreamRawLog } from '../events/jetstream/raw-log.ts';
import { openKvVault } from '../events/kv-vault.ts';
import { openLmdbRawLog } from '../events/lmdb/raw-log.ts';
import { readLmdbVault } from '../events/lmdb/vault-reader.ts';
import { connectNats } from '../events/nats-connection.ts';
import type { RawLog } from '../events/raw-log.ts';
import { type DocumentReader, readerOf } from '../projections/document-reader.ts';
import { embeddedReader } from '../projections/embedded/reader.ts';
import { embeddedStore } from '../projections/embedded-store.ts';
import { databaseIn, mongoStore } from '../projections/mongo-store.ts';
import type { ReadStore } from '../projections/store.ts';

/** Something opened, and what to do with it afterwards. */
export type Opened<T> = { readonly it: T; close(): Promise<void> };

/** The log that the configuration names as it is kept, beside a server that may be running. */
export const openRawLog = async ({ cluster, dataDir }: Config): Promise<Opened<RawLog>> => {
  if (!cluster) {
    if (!existsSync(dataDir)) {
      throw new Error(
        `there is no data in ${dataDir}; set OSHI_DATA_DIR to where a server keeps it`,
      );
    }
    const log = await openLmdbRawLog(dataDir);
    return { it: log, close: () => log.close() };
  }
  const { nc } = await connectNats(cluster.natsUrl, { name: 'oshi verify' });
  const log = await openJetstreamRawLog(nc);
  return {
    it: log,
    async close() {
      await log.close();
      await nc.close();
    },
  };
};

/** The read models that the configuration names, for reading; undefined if no server has made any. */
export const openReadModels = async ({
  cluster,
  dataDir,
}: Config): Promise<DocumentReader | undefined> =>
  cluster
    ? readerOf(await mongoStore({ url: cluster.mongodbUrl }))
    : await embeddedReader(join(dataDir, 'read-models'));

/** MongoDB's names of databases are at most 63 bytes long. */
const databaseNameMax = 40;

/**
 * An empty store beside the read models, on the same engine: a folder in the data folder, or a database. `drop`
 * removes it with all that is in it.
 */
export const openScratchStore = async ({
  cluster,
  dataDir,
}: Config): Promise<{
  readonly store: ReadStore;
  drop(collections: readonly string[]): Promise<void>;
}> => {
  if (!cluster) {
    const path = await mkdtemp(join(dataDir, 'verify-'));
    const store = await embeddedStore({ path });
    return {
      store,
      async drop() {
        await store.close();
        await rm(path, { recursive: true, force: true });
      },
    };
  }
  const { mongodbUrl: url } = cluster;
  const suffix = randomBytes(6).toString('hex');
  const database = `${databaseIn(url).slice(0, databaseNameMax)}-verify-${suffix}`;
  const store = await mongoStore({ url, database });
  return {
    store,
    async drop(collections) {
      // A database ends with its last collection.
      for (const name of [...collections, '_checkpoints']) await store.drop(name);
      await store.close();
    },
  };
};

/** The newest checkpoint that the server itself has kept of a log. */
export const newestCheckpoint = async (
  { cluster, dataDir }: Config,
  incarnation: string,
): ReturnType<Shelf['newest']> => {
  if (!cluster) return fileShelf(dataDir).newest(incarnation);
  const store = await mongoStore({ url: cluster.mongodbUrl });
  try {
    return await stateShelf(store).newest(incarnation);
  } finally {
    await store.close();
  }
};

/**
 * The key by which the server signs. On files a server must have run once, since it holds the vault alone; on
 * servers the key is made if there is none.
 */
export const signingKey = async ({ cluster, dataDir }: Config): Promise<SigningKey> => {
  if (cluster) {
    const { nc } = await connectNats(cluster.natsUrl, { name: 'oshi checkpoint' });
    try {
      return await ensureSigningKey(await openKvVault(nc));
    } finally {
      await nc.close();
    }
  }
  const vault = await readLmdbVault(dataDir);
  try {
    const key = vault && (await signingKeyIn(vault));
    if (key) return key;
    throw new Error(
      `there is no key in ${dataDir} to sign with; start the server once, it makes one`,
    );
  } finally {
    await vault?.close();
  }
};
