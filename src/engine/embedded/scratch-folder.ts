import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wallClock } from '../../runtime/clock.ts';
import type { ScratchStore } from '../storage.ts';
import { openDataFolder } from './files/data-folder.ts';
import { embeddedStore } from './lmdb-store/lmdb-store.ts';

const prefix = 'verify-';
/** A folder that is younger, in ms, may be about to be locked by whoever made it. */
const youngMs = 60_000;

/** An empty store in a folder of the data folder. What earlier ones have left behind that were killed is removed first. */
export const openScratchFolder = async (dataDir: string): Promise<ScratchStore> => {
  await sweep(dataDir);
  // Locked as a data folder is, so that another process can tell whether its owner lives.
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
  existsSync(join(path, 'lock.mdb')) || wallClock() - (await stat(path)).mtimeMs > youngMs;
