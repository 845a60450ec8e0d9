import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What Oshi makes in its data folder, and LMDB beside it. A folder that people chose may hold files of their own. */
const isOurs = (name: string): boolean =>
  /\.mdb(-lock)?$/.test(name) || name === 'checkpoints.ndjson' || name === 'read-models';

const sharedBit = 0o1000;

/** Takes all rights from everybody but the owner. What cannot be changed stays: not every file system has rights. */
const narrow = (path: string): void => {
  try {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink() || (stats.mode & sharedBit) !== 0) return;
    const mode = stats.isDirectory() ? 0o700 : 0o600;
    if ((stats.mode & 0o777) !== mode) chmodSync(path, mode);
  } catch {
    // It has gone meanwhile, or belongs to another user.
  }
};

/**
 * Makes a data folder, and what Oshi has made in it, readable by its owner alone, also where an earlier version or a
 * copy has left more rights. A folder that is shared by design, such as `/tmp`, is not changed itself.
 */
export const narrowModes = (path: string): void => {
  narrow(path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!isOurs(entry.name)) continue;
    if (entry.isDirectory()) narrowModes(join(path, entry.name));
    else narrow(join(path, entry.name));
  }
};
