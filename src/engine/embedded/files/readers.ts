import type { RootDatabase } from 'lmdb';

/**
 * The other processes that have read from an LMDB file and have it open: each holds a lock of the kernel's while it
 * is alive. Reading once registers a process, so this one must have done that first.
 */
export const otherReaders = (root: RootDatabase<string, string>): readonly string[] => {
  root.readerCheck();
  const lines = root.readerList().split('\n').slice(1);
  const processes = lines.map((line) => line.trim().split(/\s+/)[0] ?? '');
  return processes.filter((pid) => pid !== '' && pid !== String(process.pid));
};
