import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { EventLog } from '../../events/log.ts';

type Opened = { readonly log?: EventLog; close(): Promise<void> };

const open = async ({ cluster, dataDir }: Config): Promise<Opened> => {
  if (!cluster) {
    if (!existsSync(join(dataDir, 'connections.mdb'))) return { close: async () => {} };
    const { openLmdbLog } = await import('../../engine/embedded/lmdb-log/lmdb-log.ts');
    const log = await openLmdbLog({ path: dataDir, name: 'connections', readOnly: true });
    return { log, close: () => log.close() };
  }
  const { connectNats } = await import('../../engine/cluster/nats-connection.ts');
  const { connectionFamily } = await import('../../engine/cluster/jetstream-log/family.ts');
  const { openJetstreamLog } = await import('../../engine/cluster/jetstream-log/jetstream-log.ts');
  const { connectionRetentionMs: retentionMs } = await import('../../engine/engine.ts');
  const { nc } = await connectNats(cluster.natsUrl, { name: 'oshi audit' });
  const family = connectionFamily;
  const log = await openJetstreamLog({ nc, family, retentionMs, readOnly: true });
  return {
    log,
    async close() {
      await log.close();
      await nc.close();
    },
  };
};

/** What connections did, opened when it is first read; empty where no server has kept any of it. */
export const connectionLogToRead = (
  config: Config,
): Pick<EventLog, 'read'> & { close(): Promise<void> } => {
  let opened: Promise<Opened> | undefined;
  return {
    async *read(aggregate, options) {
      opened ??= open(config);
      const { log } = await opened;
      if (log) yield* log.read(aggregate, options);
    },
    close: async () => (await opened)?.close(),
  };
};
