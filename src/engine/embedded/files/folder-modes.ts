import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files that Oshi and LMDB create in a data folder. A folder that a user chose may hold other files. */
const isOurs = (name: string): boolean =>
  /\.mdb(-lock)?$/.test(name) || name === 'checkpoints.ndjson' || name === 'read-models';

const sharedBit = 0o1000;

/** Removes all permissions but the owner's. Failures are ignored: not every file system has permissions. */
const narrow = (path: string): void => {
  try {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink() || (stats.mode & sharedBit) !== 0) return;
    const mode = stats.isDirectory() ? 0o700 : 0o600;
    if ((stats.mode & 0o777) !== mode) chmodSync(path, mode);
  } catch {
    // It was removed meanwhile, or belongs to another user.
  }
};

/**
 * Makes a data folder, and Oshi's files in it, accessible to the owner only, also where an earlier version or a copy
 * has left more permissions. The permissions of a shared folder, such as `/tmp`, are not changed.
 */
export const narrowModes = (path: string): void => {
  narrow(path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!isOurs(entry.name)) continue;
    if (entry.isDirectory()) narrowModes(join(path, entry.name));
    else narrow(join(path, entry.name));
  }
};
