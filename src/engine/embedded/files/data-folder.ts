import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { open, type RootDatabase, type RootDatabaseOptions } from 'lmdb';
import { StoreRefused } from '../../../events/store-refused.ts';
import { vaultFile } from '../lmdb-vault/lmdb-vault.ts';
import { checkStructure } from './file-structure.ts';
import { narrowModes } from './folder-modes.ts';
import { requireRoom } from './free-space.ts';
import { otherReaders } from './readers.ts';

/** A folder that this process holds exclusively until it is released, or the process ends. */
export type DataFolder = { readonly path: string; release(): Promise<void> };

export type DataFolderOptions = {
  /** Called with one line when the lock was damaged and replaced. */
  readonly onWarning?: (line: string) => void;
};

const holderKey = 'holder';

/** LMDB's lock tells processes apart, not parts of one process: what this one holds is tracked here. */
const heldByThisProcess = new Set<string>();

const lockOptions: RootDatabaseOptions & { permissionsMode: number } = {
  noSubdir: true,
  overlappingSync: false,
  encoding: 'string',
  maxReaders: 64,
  permissionsMode: 0o600,
};

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inUse = (path: string, holder: string): StoreRefused =>
  new StoreRefused(
    `The data folder ${path} is in use by ${holder}. Stop that one first, or name another folder.`,
  );

/** Serialised among all processes, since a write transaction excludes every other. */
const take = (lock: RootDatabase<string, string>): string | undefined =>
  lock.transactionSync(() => {
    const holder = lock.get(holderKey);
    const me = String(process.pid);
    if (holder !== undefined && holder !== me && otherReaders(lock).includes(holder)) {
      return holder;
    }
    lock.putSync(holderKey, me);
    return;
  });

/**
 * The lock holds no data, so a damaged one is replaced. A process that has locked the replaced one, or that replaces
 * it at the same moment, is detected by the vault, which only one process may have open; so there must be one.
 */
const replaceDamaged = (file: string, { onWarning }: DataFolderOptions): void => {
  // An empty one was left by a process that was killed while creating it.
  if (!existsSync(file) || statSync(file).size === 0) return;
  try {
    checkStructure(file, { shared: true });
  } catch (error) {
    const isReplaceable = existsSync(vaultFile(dirname(file)));
    if (!(error instanceof StoreRefused && error.isDamage && isReplaceable)) throw error;
    for (const each of [file, `${file}-lock`]) rmSync(each, { force: true });
    onWarning?.(`${file} was damaged (${error.damage}). It holds no data and was replaced.`);
  }
};

const opened = (path: string, folder: DataFolderOptions): RootDatabase<string, string> => {
  const file = join(path, 'lock.mdb');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    requireRoom(path);
    replaceDamaged(file, folder);
    return open<string, string>(file, lockOptions);
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(
      `The data folder ${path} cannot be written to (${why(error)}). Give this user the right to, or name another folder.`,
      { cause: error },
    );
  }
};

const taken = async (
  path: string,
  folder: DataFolderOptions,
): Promise<RootDatabase<string, string>> => {
  const lock = opened(path, folder);
  try {
    // Reading once registers this process, which must happen before it records that it holds the lock.
    lock.get(holderKey);
    const holder = take(lock);
    if (holder !== undefined) throw inUse(path, `another process, ${holder}`);
    return lock;
  } catch (error) {
    await lock.close();
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(
      `The data folder ${path} cannot be locked (${why(error)}). See that no other process, in another container perhaps, uses it.`,
      { cause: error },
    );
  }
};

/**
 * Creates the folder if necessary and locks it for this process. The lock is LMDB's table of readers in `lock.mdb`:
 * it ends with the process in any case, and leaves nothing that keeps the next one out. Throws `StoreRefused` if
 * another process, or this one, holds the folder, or if it is not writable.
 */
export const openDataFolder = async (
  folder: string,
  options: DataFolderOptions = {},
): Promise<DataFolder> => {
  const path = resolve(folder);
  if (heldByThisProcess.has(path)) throw inUse(path, 'this very process');
  heldByThisProcess.add(path);
  try {
    const lock = await taken(path, options);
    narrowModes(path);
    return {
      path,
      release: async () => {
        await lock.close();
        heldByThisProcess.delete(path);
      },
    };
  } catch (error) {
    heldByThisProcess.delete(path);
    throw error;
  }
};
