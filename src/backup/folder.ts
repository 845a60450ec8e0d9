import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, manifestName, readManifest } from './manifest.ts';

/** A folder that this process writes a backup to. */
export type BackupFolder = {
  readonly path: string;
  /** What the last complete run has written; undefined if there is none. */
  readonly manifest: Manifest | undefined;
  /** Removes the files of earlier and of interrupted runs, which a manifest does not name. */
  tidy(manifest: Manifest | undefined): Promise<void>;
  release(): Promise<void>;
};

const lockName = 'in-use';
/** The data that runs write, whole or interrupted; nothing else is ever removed. */
const dataFile = /^(log-\d+-\d+-\d+\.gz|state-\d+\.ndjson\.gz|vault-\d+\.age)(\.part)?$/;
const otherFiles: ReadonlySet<string> = new Set([lockName, manifestName, `${manifestName}.part`]);

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
        `${path} is in use by process ${pid}; if that is no oshi backup, remove ${file}`,
        { cause: error },
      );
    }
    await rm(file, { force: true });
    await take();
  }
};

/** The content of a locked folder; rejects with one line if there are files of others in a new one. */
const contentOf = async (path: string): Promise<Pick<BackupFolder, 'manifest'>> => {
  const manifest = await readManifest(path);
  const isOther = (name: string): boolean => !(dataFile.test(name) || otherFiles.has(name));
  const others = (await readdir(path)).filter(isOther);
  if (manifest || others.length === 0) return { manifest };
  throw new Error(
    `${path} holds other files (${others.slice(0, 3).join(', ')}); name a new folder, or one with a backup`,
  );
};

/** Opens the folder of a backup, and creates it if necessary. Rejects with one line if it cannot be used. */
export const openBackupFolder = async (path: string): Promise<BackupFolder> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await lock(path);
  const release = (): Promise<void> => rm(join(path, lockName), { force: true });
  try {
    const { manifest } = await contentOf(path);
    return {
      path,
      manifest,
      async tidy(named) {
        const files = named ? [named.state, named.vault, ...named.segments] : [];
        const kept = new Set(files.map(({ file }) => file));
        for (const name of await readdir(path)) {
          if (dataFile.test(name) && !kept.has(name)) await rm(join(path, name), { force: true });
        }
      },
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
};
