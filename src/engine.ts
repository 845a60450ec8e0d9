import { join } from 'node:path';
import type { Config } from './config.ts';
import type { EventLog } from './events/log.ts';
import type { Vault } from './events/vault.ts';
import type { ReadStore } from './projections/store.ts';

/** Where everything is kept: the same four ports on files or on servers. */
export type Engine = {
  readonly name: 'embedded' | 'cluster';
  readonly log: EventLog;
  /** What connections did; a log of its own, which forgets. */
  readonly connectionLog: EventLog;
  readonly store: ReadStore;
  readonly vault: Vault;
  /** Closes all of it, in the order that loses nothing. */
  close(): Promise<void>;
};

export type EngineOptions = {
  readonly onError: (error: Error) => void;
  readonly onWarning: (warning: string) => void;
};

/** What connections did is kept for 30 days. */
export const connectionRetentionMs = 30 * 86_400_000;
/** Fixed when a log is created on servers. */
const clusterPartitions = 8;

/** An engine that closes its ports, logs first, and then what they stand on. */
const closing = (ports: Omit<Engine, 'close'>, release: () => Promise<void>): Engine => ({
  ...ports,
  async close() {
    await ports.connectionLog.close();
    await ports.log.close();
    await ports.store.close();
    await ports.vault.close();
    await release();
  },
});

/** What only one engine needs is loaded by it: that takes longer than to open it. */
const embedded = async (dataDir: string): Promise<Engine> => {
  const { openDataFolder } = await import('./events/data-folder.ts');
  const { openLmdbLog } = await import('./events/lmdb-log.ts');
  const { openLmdbVault } = await import('./events/lmdb-vault.ts');
  const { embeddedStore } = await import('./projections/embedded-store.ts');
  const folder = await openDataFolder(dataDir);
  const log = await openLmdbLog({ path: folder.path });
  const connectionLog = await openLmdbLog({
    path: folder.path,
    name: 'connections',
    retentionMs: connectionRetentionMs,
  });
  const vault = await openLmdbVault(folder.path);
  const store = await embeddedStore({ path: join(folder.path, 'read-models') });
  return closing({ name: 'embedded', log, connectionLog, store, vault }, () => folder.release());
};

const cluster = async (
  { natsUrl, mongodbUrl }: NonNullable<Config['cluster']>,
  { onError, onWarning }: EngineOptions,
): Promise<Engine> => {
  const { connectionFamily, eventFamily } = await import('./events/jetstream/family.ts');
  const { openJetstreamLog } = await import('./events/jetstream-log.ts');
  const { openKvVault } = await import('./events/kv-vault.ts');
  const { connectNats } = await import('./events/nats-connection.ts');
  const { mongoStore } = await import('./projections/mongo-store.ts');
  const { nc, warning } = await connectNats(natsUrl, { name: 'oshi' });
  if (warning !== undefined) onWarning(warning);
  const store = await mongoStore({ url: mongodbUrl });
  const shared = { nc, onFault: onError };
  const log = await openJetstreamLog({
    ...shared,
    family: eventFamily,
    partitions: clusterPartitions,
  });
  const connectionLog = await openJetstreamLog({
    ...shared,
    family: connectionFamily,
    partitions: 1,
    retentionMs: connectionRetentionMs,
  });
  const vault = await openKvVault(nc);
  return closing({ name: 'cluster', log, connectionLog, store, vault }, () => nc.drain());
};

/** Opens the engine that the configuration names. Rejects with one line that says what to do. */
export const openEngine = (config: Config, options: EngineOptions): Promise<Engine> =>
  config.cluster ? cluster(config.cluster, options) : embedded(config.dataDir);
