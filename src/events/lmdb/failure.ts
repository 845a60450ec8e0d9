import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { AppendFailure } from '../log.ts';

/** Codes by which LMDB and the system say that there is no room. */
const { ENOSPC, EDQUOT, EFBIG } = constants.errno;
const fullCodes: readonly unknown[] = [ENOSPC, EDQUOT, EFBIG, -30792];

/** With less room than this, in bytes, a write that was cut short was cut short by a full disk. */
const roomMin = 1024 * 1024;

const roomIn = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** Whether a write failed for want of room; LMDB calls a write that was cut short an I/O error. */
const isFull = (error: unknown, folder: string): boolean =>
  fullCodes.includes((error as { code?: unknown } | undefined)?.code) || roomIn(folder) < roomMin;

/** What the callers of a write to a file in `folder` are told when it failed, and nothing of it was written. */
export const writeFailure = (error: unknown, folder: string): AppendFailure => {
  const why = error instanceof Error ? error.message : String(error);
  return isFull(error, folder)
    ? new AppendFailure('full', `there is no room in ${folder} (${why}); make some`, error)
    : new AppendFailure('unavailable', `cannot write to ${folder} (${why})`, error);
};
