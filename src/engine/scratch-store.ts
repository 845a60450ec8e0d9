import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { ReadStore } from '../store/store.ts';

/** A store that is thrown away with all that is in it. */
export type ScratchStore = { readonly store: ReadStore; drop(): Promise<void> };

const prefix = 'verify-';
/** A folder that is younger, in ms, may be about to be locked by whoever made it. */
const youngMs = 60_000;

/**
 * An empty store beside the read models, on the same engine: a folder in the data folder, or a database. What earlier
 * ones have left behind that were killed is removed first.
 */
export const openScratchStore = async ({ cluster, dataDir }: Config): Promise<ScratchStore> => {
  if (!cluster) {
    await sweep(dataDir);
    return scratchFolder(dataDir);
  }
  const { openScratchDatabase } = await import('./cluster/mongo-store/scratch.ts');
  return openScratchDatabase(cluster.mongodbUrl);
};

/** The folder is locked as a data folder is, so that another process can tell whether its owner lives. */
const scratchFolder = async (dataDir: string): Promise<ScratchStore> => {
  const { openDataFolder } = await import('./embedded/files/data-folder.ts');
  const { embeddedStore } = await import('./embedded/lmdb-store/lmdb-store.ts');
  const folder = await openDataFolder(await mkdtemp(join(dataDir, prefix)));
  const store = await embeddedStore({ path: folder.path });
  return {
    store,
    async drop() {
      await store.close();
      await folder.release();
      await rm(folder.path, { recursive: true, force: true });
    },
  };
};

const sweep = async (dataDir: string): Promise<void> => {
  const { openDataFolder } = await import('./embedded/files/data-folder.ts');
  for (const name of await readdir(dataDir)) {
    const path = join(dataDir, name);
    if (!(name.startsWith(prefix) && (await isSettled(path)))) continue;
    // One that is in use is refused.
    const folder = await openDataFolder(path).catch(() => undefined);
    if (!folder) continue;
    await folder.release();
    await rm(path, { recursive: true, force: true });
  }
};

const isSettled = async (path: string): Promise<boolean> =>
  existsSync(join(path, 'lock.mdb')) || Date.now() - (await stat(path)).mtimeMs > youngMs;
