import { constants } from 'node:os';
import { damaged, StoreRefused } from '../../../events/store-refused.ts';

const { errno } = constants;
/** LMDB's own code for a file, or its table of readers, of another version. */
const versionMismatch = -30794;
const readersFull = -30790;

/** What to do for each error code of the system and of LMDB that is not about the file's content. */
const remedies: readonly (readonly [codes: readonly unknown[], what: string, remedy: string])[] = [
  [
    ['EACCES', 'EPERM', 'EROFS', errno.EACCES, errno.EPERM, errno.EROFS],
    'may not be read and written by this user',
    'Give this user the right to',
  ],
  [
    ['ENOSPC', 'EDQUOT', 'EFBIG', errno.ENOSPC, errno.EDQUOT, errno.EFBIG],
    'has no room on the disk',
    'Make some',
  ],
  [
    ['EISDIR', 'ENOTDIR', errno.EISDIR, errno.ENOTDIR],
    'is a folder, or is in a file, where a file in a folder should be',
    'Move it away, or restore the file from a backup',
  ],
  [
    ['EMFILE', 'ENFILE', 'ENOMEM', errno.EMFILE, errno.ENFILE, errno.ENOMEM],
    'cannot be opened: this process has no more files or memory',
    'Raise its limits (ulimit)',
  ],
  [[readersFull], 'is read by too many processes', 'Stop some of them'],
  [
    [versionMismatch],
    'is in use by a process with another version of LMDB',
    'Stop all versions of Oshi but this one',
  ],
];

const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';

/**
 * The one-line error for a file that cannot be opened, created or read. An error without a known cause is attributed
 * to the file's content: it is damaged.
 */
export const unusable = (file: string, thrown: unknown): StoreRefused => {
  if (thrown instanceof StoreRefused) return thrown;
  const why = firstLine(thrown);
  const { code } = Object(thrown) as { code?: unknown };
  const known = remedies.find(([codes]) => code !== undefined && codes.includes(code));
  if (!known) return damaged(file, why, thrown);
  const [, what, remedy] = known;
  return new StoreRefused(`${file} ${what} (${why}). ${remedy}.`, { cause: thrown });
};

/** Runs what opens a file; throws `StoreRefused` for any error. */
export const opening = <T>(file: string, open: () => T): T => {
  try {
    return open();
  } catch (error) {
    throw unusable(file, error);
  }
};
