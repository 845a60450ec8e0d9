import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files that Oshi and LMDB create in a data folder. A folder that a user chose may hold other files. */
const isOurs = (name: string): boolean =>
  /\.mdb(-lock)?$/.test(name) || name === 'checkpoints.ndjson' || name === 'read-models';

const sharedBit = 0o1000;

/** Removes all permissions but the owner's. Failures are ignored: not every file system has permissions. */
const narrow = (path: string): void => {
  try {
    const mode = wantedMode(path);
    if (mode !== undefined) chmodSync(path, mode);
  } catch {
    // It was removed meanwhile, or belongs to another user.
  }
};

/** The mode that a file should have; undefined if it has that one, or is shared on purpose. */
const wantedMode = (path: string): number | undefined => {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink() || (stats.mode & sharedBit) !== 0) return undefined;
  const mode = stats.isDirectory() ? 0o700 : 0o600;
  return (stats.mode & 0o777) === mode ? undefined : mode;
};

/** A folder, and Oshi's files in it. */
const filesIn = (path: string): string[] => [
  path,
  ...readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => isOurs(name))
    .flatMap((entry) => {
      const inner = join(path, entry.name);
      return entry.isDirectory() ? filesIn(inner) : [inner];
    }),
];

const othersBits = 0o077;

/** Those of which `narrowModes` would take permissions of others than the owner. */
export const wideModes = (path: string): readonly string[] =>
  filesIn(path).filter(
    (file) => wantedMode(file) !== undefined && (lstatSync(file).mode & othersBits) !== 0,
  );

/**
 * Makes a data folder, and Oshi's files in it, accessible to the owner only, also where an earlier version or a copy
 * has left more permissions. The permissions of a shared folder, such as `/tmp`, are not changed.
 */
export const narrowModes = (path: string): void => {
  for (const file of filesIn(path)) narrow(file);
};
