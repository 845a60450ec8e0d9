import type { Config } from '../config.ts';
import { storageOf } from '../engine/engine.ts';
import type { EventLog } from '../events/log.ts';
import { acquiring } from '../runtime/resources.ts';
import type { ReadStore } from '../store/store.ts';

/** The log, for reading, and the read models, for writing. */
export type SharedStorage = {
  readonly log: EventLog;
  readonly store: ReadStore;
  close(): Promise<void>;
};

type Shared = { readonly storage: Promise<SharedStorage>; users: number };

/** What this process has open, by location: two writers of one LMDB file in one process block each other. */
const shared = new Map<string, Shared>();

/**
 * Opens the configured storage, beside a server that may be running in another process. Callers in this process share
 * it; it is closed when each of them has closed it once.
 */
export const openShared = async (config: Config): Promise<SharedStorage> => {
  const key = JSON.stringify([config.cluster, config.dataDir]);
  const entry: Shared = shared.get(key) ?? { storage: openBoth(config), users: 0 };
  shared.set(key, entry);
  entry.users += 1;
  const forget = (): void => {
    if (shared.get(key) === entry) shared.delete(key);
  };
  try {
    const { log, store, close } = await entry.storage;
    return {
      log,
      store,
      async close() {
        entry.users -= 1;
        if (entry.users > 0) return;
        forget();
        await close();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
};

const openBoth = (config: Config): Promise<SharedStorage> =>
  acquiring(async (resources) => {
    const storage = await storageOf(config);
    const log = resources.add(await storage.readLog(), (it) => it.close());
    const store = resources.add(await storage.openStore(), (it) => it.close());
    return { log, store, close: () => resources.release() };
  });
