import { existsSync, statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { environment } from './src/config.ts';

const memoryDisk = '/dev/shm';
const memoryBytesMin = 4 * 1024 ** 3;

/** Whether there is a disk in memory with room for the data of all tests. */
const hasMemoryDisk = (): boolean => {
  if (!existsSync(memoryDisk)) return false;
  const { bavail, bsize } = statfsSync(memoryDisk);
  return bavail * bsize >= memoryBytesMin;
};

// What tests and their servers write lies in memory, so that a busy disk holds nobody up. Tests kill processes, which
// loses nothing of it; nothing here would notice a lost fsync on a disk either.
if (environment().TMPDIR === undefined && hasMemoryDisk()) {
  Object.assign(environment(), { TMPDIR: memoryDisk });
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          // The prover of regular expressions then runs in this process, and starts no Java.
          env: { RECHECK_BACKEND: 'pure' },
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/fixtures/servers.global.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/fixtures/chromium.global.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
