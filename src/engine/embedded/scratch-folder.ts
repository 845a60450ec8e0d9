import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wallClock } from '../../runtime/clock.ts';
import type { ScratchStore } from '../storage.ts';
import { openDataFolder } from './files/data-folder.ts';
import { embeddedStore } from './lmdb-store/lmdb-store.ts';

const prefix = 'verify-';
/** A younger folder, in ms, may be about to be locked by the process that made it. */
const youngMs = 60_000;

/** An empty store in a folder of the data folder. Folders of processes that were killed are removed first. */
export const openScratchFolder = async (dataDir: string): Promise<ScratchStore> => {
  await sweep(dataDir);
  // Locked like a data folder, so that other processes can tell whether its owner is alive.
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
