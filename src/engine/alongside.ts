import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { EventLog } from '../events/log.ts';
import type { ReadStore } from '../store/store.ts';
import { openLogToRead } from './log-to-read.ts';

/** The log, for reading, and the read models, for writing. */
export type Kept = { readonly log: EventLog; readonly store: ReadStore; close(): Promise<void> };

type Shared = { readonly kept: Promise<Kept>; users: number };

/**
 * What is open in this process, by where it is. Kept for the whole process, whoever asks: two writers of one LMDB file
 * in one process wait for each other for ever.
 */
const shared = new Map<string, Shared>();

/**
 * Opens what the configuration names, beside a server that may be running in another process. Whoever opens the same
 * again in this process shares it; it is closed when all of them have closed it, each once.
 */
export const openKept = async (config: Config): Promise<Kept> => {
  const { cluster, dataDir } = config;
  const place = cluster ? `${cluster.natsUrl} ${cluster.mongodbUrl}` : resolve(dataDir);
  const mine: Shared = shared.get(place) ?? { kept: openBoth(config), users: 0 };
  shared.set(place, mine);
  mine.users += 1;
  const leave = async (): Promise<void> => {
    mine.users -= 1;
    if (mine.users > 0) return;
    if (shared.get(place) === mine) shared.delete(place);
    await (await mine.kept).close();
  };
  try {
    const { log, store } = await mine.kept;
    return { log, store, close: leave };
  } catch (error) {
    if (shared.get(place) === mine) shared.delete(place);
    throw error;
  }
};

const openBoth = async (config: Config): Promise<Kept> => {
  const { log, close } = await openLogToRead(config);
  try {
    const store = await openStore(config);
    return {
      ...{ log, store },
      async close() {
        await store.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const openStore = async ({ cluster, dataDir }: Config): Promise<ReadStore> => {
  if (cluster) {
    const { mongoStore } = await import('./cluster/mongo-store/mongo-store.ts');
    return mongoStore({ url: cluster.mongodbUrl });
  }
  const { embeddedStore } = await import('./embedded/lmdb-store/lmdb-store.ts');
  return embeddedStore({ path: join(dataDir, 'read-models') });
};
