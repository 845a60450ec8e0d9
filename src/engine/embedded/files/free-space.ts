import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import type { Volume } from '../../../store/volume.ts';
import { opening } from './refusal.ts';

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

/** The disk of a folder. A quota of the user is not known. */
export const diskOf = (folder: string): Volume => ({
  name: `the disk of ${folder}`,
  freeBytes: async () => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
});

/** More than the files of an empty folder take. */
export const probeBytes = 512 * 1024;

/**
 * Throws `StoreRefused` if a folder has no room for what a start writes. Checked before LMDB does: it reports a full
 * disk with a text of its own, or crashes.
 */
export const requireRoom = (folder: string): void =>
  opening(folder, () => {
    const probe = join(folder, 'room.probe');
    const fd = openSync(probe, 'w', 0o600);
    try {
      const bytes = Buffer.alloc(probeBytes);
      for (let at = 0; at < probeBytes; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
      rmSync(probe, { force: true });
    }
  });
