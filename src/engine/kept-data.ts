import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { RawLog } from '../events/raw-log.ts';
import type { Vault } from '../events/vault.ts';
import type { QueryReader } from '../store/document-reader.ts';
import type { ReadStore } from '../store/store.ts';
import type { Shelf } from '../verification/shelf.ts';
import type { SigningKey } from '../verification/signing-key.ts';

// What each engine stands on is loaded where it is opened, so that help, and the other engine, do without.

/** Something opened, and what to do with it afterwards. */
export type Opened<T> = { readonly it: T; close(): Promise<void> };

const nothingIn = (dataDir: string): Error =>
  new Error(`there is no data in ${dataDir}; set OSHI_DATA_DIR to where a server keeps it`);

/** The log that the configuration names as it is kept, beside a server that may be running. */
export const openRawLog = async ({ cluster, dataDir }: Config): Promise<Opened<RawLog>> => {
  if (!cluster) {
    if (!existsSync(dataDir)) throw nothingIn(dataDir);
    const { openLmdbRawLog } = await import('./embedded/lmdb-log/raw-log.ts');
    const log = await openLmdbRawLog(dataDir);
    return { it: log, close: () => log.close() };
  }
  const { connectNats } = await import('./cluster/nats-connection.ts');
  const { openJetstreamRawLog } = await import('./cluster/jetstream-log/raw-log.ts');
  const { nc } = await connectNats(cluster.natsUrl, { name: 'oshi verify' });
  const log = await openJetstreamRawLog(nc).catch(async (error: unknown) => {
    // An open connection would keep the process from ending.
    await nc.close();
    throw error;
  });
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
}: Config): Promise<QueryReader | undefined> => {
  if (!cluster) {
    const { embeddedReader } = await import('./embedded/lmdb-store/reader.ts');
    return embeddedReader(join(dataDir, 'read-models'));
  }
  const { mongoStore } = await import('./cluster/mongo-store/mongo-store.ts');
  const { readerOf } = await import('../store/document-reader.ts');
  return readerOf(await mongoStore({ url: cluster.mongodbUrl }));
};

/** The read models that the configuration names, to change them beside a server that may be running. */
export const openReadModelsToChange = async ({ cluster, dataDir }: Config): Promise<ReadStore> => {
  if (!cluster) {
    if (!existsSync(dataDir)) throw nothingIn(dataDir);
    const { embeddedStore } = await import('./embedded/lmdb-store/lmdb-store.ts');
    return embeddedStore({ path: join(dataDir, 'read-models') });
  }
  const { mongoStore } = await import('./cluster/mongo-store/mongo-store.ts');
  return mongoStore({ url: cluster.mongodbUrl });
};

/** The newest checkpoint that the server itself has kept of a log. */
export const newestCheckpoint = async (
  { cluster, dataDir }: Config,
  incarnation: string,
): ReturnType<Shelf['newest']> => {
  const { fileShelf, stateShelf } = await import('../verification/shelf.ts');
  if (!cluster) return fileShelf(dataDir).newest(incarnation);
  const { mongoStore } = await import('./cluster/mongo-store/mongo-store.ts');
  const store = await mongoStore({ url: cluster.mongodbUrl });
  try {
    return await stateShelf(store).newest(incarnation);
  } finally {
    await store.close();
  }
};

/** The key by which the server signs, which it makes when it starts for the first time. */
export const signingKey = async (config: Config): Promise<SigningKey> => {
  const { signingKeyIn } = await import('../verification/signing-key.ts');
  const { it: vault, close } = await openVaultToRead(config);
  try {
    const key = vault && (await signingKeyIn(vault));
    if (key) return key;
    const where = config.cluster ? 'on the NATS server' : `in ${config.dataDir}`;
    throw new Error(`there is no key ${where} to sign with; start the server once, it makes one`);
  } finally {
    await close();
  }
};

const openVaultToRead = async ({
  cluster,
  dataDir,
}: Config): Promise<Opened<Pick<Vault, 'get'> | undefined>> => {
  if (!cluster) {
    const { readLmdbVault } = await import('./embedded/lmdb-vault/vault-reader.ts');
    const vault = await readLmdbVault(dataDir);
    return { it: vault, close: async () => vault?.close() };
  }
  const { connectNats } = await import('./cluster/nats-connection.ts');
  const { readKvVault } = await import('./cluster/kv-vault.ts');
  const { nc } = await connectNats(cluster.natsUrl, { name: 'oshi checkpoint' });
  const close = (): Promise<void> => nc.close();
  try {
    return { it: await readKvVault(nc), close };
  } catch (error) {
    await close();
    throw error;
  }
};
