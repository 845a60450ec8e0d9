import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { AppendFailure } from '../../../events/log.ts';

/** Error codes of LMDB and the system for a full disk. */
const { ENOSPC, EDQUOT, EFBIG, EIO } = constants.errno;
const mapFull = -30792;
const fullNames: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const fullNumbers: readonly unknown[] = [ENOSPC, EDQUOT, EFBIG, mapFull];

const probeBytes = 1024 * 1024;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

/** Whether the file could grow now: tried on another, sparse file of its length. */
const canGrow = (file: string): boolean => {
  const probe = `${file}.probe`;
  try {
    const fd = openSync(probe, 'w', 0o600);
    try {
      const end = statSync(file).size;
      const written = writeSync(fd, Buffer.alloc(probeBytes), 0, probeBytes, end);
      fsyncSync(fd);
      return written === probeBytes;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return !fullNames.includes(codeOf(error));
  } finally {
    rmSync(probe, { force: true });
  }
};

/** LMDB reports a write that was cut short by a full disk as an I/O error. */
const isFull = (error: unknown, file: string): boolean => {
  const code = codeOf(error);
  return fullNumbers.includes(code) || (code === EIO && !canGrow(file));
};

/** The error for a write to an LMDB file that failed and wrote nothing. */
export const writeFailure = (error: unknown, file: string): AppendFailure => {
  const why = error instanceof Error ? error.message : String(error);
  return isFull(error, file)
    ? new AppendFailure('full', `there is no room for ${file} (${why}); make some`, {
        cause: error,
        remedy: `there is no room for ${file}: free space on its disk`,
      })
    : new AppendFailure('unavailable', `cannot write to ${file} (${why})`, { cause: error });
};
