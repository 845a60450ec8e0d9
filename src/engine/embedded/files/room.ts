import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { opening } from './refusal.ts';

/** More than the files of an empty folder take. */
const probeBytes = 512 * 1024;

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
