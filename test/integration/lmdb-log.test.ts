import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCommitStore } from '../../src/engine/embedded/lmdb-log/commit-store.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { partitionOf } from '../../src/events/aggregate.ts';
import type { OpenedLog } from '../contract/event-log/opened.ts';
import { eventLogContract } from '../contract/event-log.ts';

const openFresh = async (partitions: number): Promise<OpenedLog> => {
  const path = await mkdtemp(join(tmpdir(), 'oshi-log-'));
  const file = join(path, 'log.mdb');
  const open = () => openLmdbLog({ path, partitions });
  const log = await open();
  let latest = log;
  const reopen = async () => {
    await latest.close();
    latest = await open();
    return latest;
  };
  return {
    log,
    reopen,
    plant: async (aggregate, bytes) => {
      await latest.close();
      const store = await openCommitStore({ file });
      const partition = partitionOf(aggregate, partitions);
      await store?.write([{ aggregate, partition, seq: 1, n: 1, bytes }]);
      await store?.close();
      latest = await open();
      return latest;
    },
    dispose: async () => {
      await latest.close();
      await rm(path, { recursive: true, force: true });
    },
  };
};

eventLogContract('LMDB', () => openFresh(1));
eventLogContract('LMDB, three partitions', () => openFresh(3));
