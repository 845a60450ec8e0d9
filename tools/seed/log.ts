import type { Config } from '../../src/config.ts';
import { eventFamily } from '../../src/engine/cluster/jetstream-log/family.ts';
import { openJetstreamLog } from '../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { openKvVault } from '../../src/engine/cluster/kv-vault.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openDataFolder } from '../../src/engine/embedded/files/data-folder.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbVault } from '../../src/engine/embedded/lmdb-vault/lmdb-vault.ts';
import type { EventLog } from '../../src/events/log.ts';

type OpenLog = { readonly log: EventLog; close(): Promise<void> };

/** As many as a server makes. */
const clusterPartitions = 8;

const open = async ({ cluster, dataDir }: Config): Promise<OpenLog> => {
  if (!cluster) {
    const folder = await openDataFolder(dataDir);
    const log = await openLmdbLog({ path: folder.path });
    // A server refuses a log with events that has no vault.
    const vault = await openLmdbVault(folder.path);
    const close = (): Promise<void> =>
      log
        .close()
        .then(() => vault.close())
        .then(() => folder.release());
    return { log, close };
  }
  const { nc } = await connectNats(cluster.natsUrl, {
    name: 'oshi seed',
    files: cluster.natsFiles,
  });
  const log = await openJetstreamLog({ nc, family: eventFamily, partitions: clusterPartitions });
  await openKvVault(nc);
  return { log, close: () => log.close().then(() => nc.close()) };
};

/** The log that the configuration names, made if it does not exist. Rejects if something has happened in it. */
export const openEmptyLog = async (config: Config): Promise<OpenLog> => {
  const opened = await open(config);
  const { log } = opened;
  for (let partition = 0; partition < log.info.partitions; partition++) {
    if ((await log.head(partition)) === 0) continue;
    await opened.close();
    const where = config.cluster ? 'on the NATS server' : `in ${config.dataDir}`;
    throw new Error(`the log ${where} is not empty; a history is made up in an empty one only`);
  }
  return opened;
};
