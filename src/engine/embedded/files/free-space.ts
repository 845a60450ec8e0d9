import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';

/** For the pages that a transaction copies, and for what other files on the disk take meanwhile. */
const spareBytes = 2 * 1024 * 1024;

/**
 * Throws what LMDB would throw on a full disk, if there may be no room for a transaction that writes so many bytes.
 * LMDB itself would print a raw line to standard error besides.
 */
export const checkFreeSpace = (file: string, bytes = 0): void => {
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize >= 2 * bytes + spareBytes) return;
  throw Object.assign(new Error('no space left on device'), { code: constants.errno.ENOSPC });
};
