import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { wallClock } from '../../../runtime/clock.ts';
import { sleep } from '../../../runtime/timers.ts';

/** Longer than a transaction in progress takes to end. */
const quietMs = 60;
/** A process that was killed while it opened a file leaves its mark behind; after this time it is ignored. */
const markMsMax = 5000;
const lookEveryMs = 5;

const markOf = (file: string): string => `${file}-opening`;

const isMarked = (file: string): boolean => {
  const mark = statSync(markOf(file), { throwIfNoEntry: false });
  return mark !== undefined && Math.abs(wallClock() - mark.mtimeMs) < markMsMax;
};

/** Sets the mark; undefined if that is not possible, as in a read-only folder. */
const mark = (file: string): 'set' | 'taken' | undefined => {
  try {
    closeSync(openSync(markOf(file), 'wx', 0o600));
    return 'set';
  } catch (error) {
    return (error as { code?: string }).code === 'EEXIST' ? 'taken' : undefined;
  }
};

/**
 * Opens an LMDB file that another process may be writing. LMDB loses or damages a transaction that is committed while
 * another process opens the file (ITS#9496, present in lmdb 3.5), so writers are asked to pause meanwhile. Where the
 * mark cannot be set, as in a read-only copy, the file is opened without it.
 */
export const openBesideWriters = async <T>(
  file: string,
  open: () => T | Promise<T>,
): Promise<T> => {
  if (!existsSync(file)) return open();
  let outcome = mark(file);
  for (; outcome === 'taken'; outcome = mark(file)) {
    if (!isMarked(file)) rmSync(markOf(file), { force: true });
    await sleep(lookEveryMs);
  }
  if (outcome === undefined) return open();
  try {
    await sleep(quietMs);
    return await open();
  } finally {
    rmSync(markOf(file), { force: true });
  }
};

/** Resolves when no other process is opening a file; undefined if none is, which takes some microseconds. */
export const whileOthersOpen = (file: string): Promise<void> | undefined =>
  isMarked(file) ? untilOpened(file) : undefined;

const untilOpened = async (file: string): Promise<void> => {
  while (isMarked(file)) await sleep(lookEveryMs);
};
