import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, readManifest } from './manifest.ts';

/** A folder that this process writes a backup to. */
export type BackupFolder = {
  readonly path: string;
  /** What the last complete run has written; undefined if there is none. */
  readonly manifest: Manifest | undefined;
  /** Removes the files that a manifest does not name, which are of earlier and of interrupted runs. */
  tidy(manifest: Manifest | undefined): Promise<void>;
  release(): Promise<void>;
};

const lockName = 'in-use';
const ownFile = /^((log|state|vault)-\S+|backup\.json\.part)$/;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Takes the lock, also one that was left by a process that has ended. */
const lock = async (path: string): Promise<void> => {
  const file = join(path, lockName);
  const take = async (): Promise<void> => {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${process.pid}`);
    await handle.close();
  };
  try {
    await take();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0 && pid !== process.pid && isRunning(pid)) {
      throw new Error(
        `${path} is in use by process ${pid}, another oshi backup; wait for its end`,
        { cause: error },
      );
    }
    await rm(file, { force: true });
    await take();
  }
};

/** Opens the folder of a backup, and creates it if necessary. Rejects with one line if it cannot be used. */
export const openBackupFolder = async (path: string): Promise<BackupFolder> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const manifest = await readManifest(path);
  const strangers = (await readdir(path)).filter(
    (name) => !ownFile.test(name) && name !== lockName,
  );
  if (!manifest && strangers.length > 0) {
    throw new Error(
      `${path} holds other files (${strangers.slice(0, 3).join(', ')}); name a new folder, or one with a backup`,
    );
  }
  await lock(path);
  return {
    path,
    manifest,
    async tidy(named) {
      const files = named ? [named.state, named.vault, ...named.segments] : [];
      const kept = new Set(files.map(({ file }) => file));
      for (const name of await readdir(path)) {
        if (ownFile.test(name) && !kept.has(name)) await rm(join(path, name), { force: true });
      }
    },
    release: () => rm(join(path, lockName), { force: true }),
  };
};
