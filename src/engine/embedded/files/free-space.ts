import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';

/** For the pages that a transaction copies, and for other files that grow meanwhile. */
const spareBytes = 2 * 1024 * 1024;

/**
 * Throws LMDB's error for a full disk if there may be no room for a transaction of this size. LMDB itself would also
 * print a raw line to standard error.
 */
export const checkFreeSpace = (file: string, bytes = 0): void => {
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize >= 2 * bytes + spareBytes) return;
  throw Object.assign(new Error('no space left on device'), { code: constants.errno.ENOSPC });
};
