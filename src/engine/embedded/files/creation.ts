import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { unusable } from './refusal.ts';

/** Makes the content of a file, or the names in a folder, durable. */
export const syncPath = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/**
 * Creates an LMDB file: `fill` writes it under another name, then it is renamed. So a file of that name was once
 * complete, and if it is empty or partial it was damaged, not interrupted. Throws `StoreRefused`.
 */
export const createFile = async (
  file: string,
  fill: (draft: string) => Promise<void>,
): Promise<void> => {
  const draft = `${file}.new`;
  const draftLock = `${draft}-lock`;
  try {
    for (const leftover of [draft, draftLock, `${file}-lock`]) rmSync(leftover, { force: true });
    await fill(draft);
    rmSync(draftLock, { force: true });
    renameSync(draft, file);
    syncPath(dirname(file));
  } catch (error) {
    throw unusable(file, error);
  }
};
