import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import type { EventLog } from '../events/log.ts';

/** The log that the configuration names, for reading beside a server that may be running. */
export const openLogToRead = async (
  config: Config,
): Promise<{ readonly log: EventLog; close(): Promise<void> }> => {
  if (!config.cluster) {
    if (!existsSync(config.dataDir)) {
      throw new Error(
        `there is no data in ${config.dataDir}; set OSHI_DATA_DIR to where a server keeps it`,
      );
    }
    const { openLmdbLog } = await import('./embedded/lmdb-log/lmdb-log.ts');
    const log = await openLmdbLog({ path: config.dataDir, readOnly: true });
    return { log, close: () => log.close() };
  }
  const { connectNats } = await import('./cluster/nats-connection.ts');
  const { eventFamily } = await import('./cluster/jetstream-log/family.ts');
  const { openJetstreamLog } = await import('./cluster/jetstream-log/jetstream-log.ts');
  const { nc } = await connectNats(config.cluster.natsUrl, { name: 'oshi replay' });
  const log = await openJetstreamLog({ nc, family: eventFamily, readOnly: true });
  return {
    log,
    async close() {
      await log.close();
      await nc.close();
    },
  };
};
