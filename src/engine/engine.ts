import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { EventLog } from '../events/log.ts';
import type { Vault } from '../events/vault.ts';
import { bindVault } from '../events/vault-binding.ts';
import { incarnationsIn } from '../store/origins.ts';
import type { ReadStore } from '../store/store.ts';
import type { Connected } from './cluster/nats-connection.ts';
import type { Lease } from './cluster/nats-lease.ts';
import { checkModels, checkShelf, hasEvents, lostVault, refuseLostLog } from './start-checks.ts';

/** Where everything is kept: the same four ports on files or on servers. */
export type Engine = {
  readonly name: 'embedded' | 'cluster';
  readonly log: EventLog;
  /** What connections did; a log of its own, which forgets. */
  readonly connectionLog: EventLog;
  readonly store: ReadStore;
  readonly vault: Vault;
  /** Resolves with one line when another process has taken the servers over; never on files. */
  readonly lost?: Promise<Error>;
  /** Closes all of it, in the order that loses nothing. */
  close(): Promise<void>;
};

export type EngineOptions = {
  readonly onError: (error: Error) => void;
  readonly onWarning: (warning: string) => void;
  /** Begins an empty vault although the log holds events. */
  readonly isNewVault?: boolean;
};

type Ports = Omit<Engine, 'close' | 'lost'>;

/** What connections did is kept for 30 days. */
export const connectionRetentionMs = 30 * 86_400_000;
/** Fixed when a log is created on servers. */
const clusterPartitions = 8;

/** An engine that closes its ports, logs first, and then what they stand on. */
const closing = (ports: Ports, release: () => Promise<void>): Engine => ({
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
const embedded = async (dataDir: string, options: EngineOptions): Promise<Engine> => {
  const { onWarning } = options;
  const { openDataFolder } = await import('./embedded/files/data-folder.ts');
  const folder = await openDataFolder(dataDir, { onWarning });
  try {
    return closing(await portsIn(folder.path, options), () => folder.release());
  } catch (error) {
    await folder.release();
    throw error;
  }
};

/** The vault first, since it tells whether another process is at work here; but none is made beside a lost log. */
const portsIn = async (path: string, options: EngineOptions): Promise<Ports> => {
  const { openLmdbLog } = await import('./embedded/lmdb-log/lmdb-log.ts');
  const { openLmdbVault, vaultFile } = await import('./embedded/lmdb-vault/lmdb-vault.ts');
  const { embeddedStore } = await import('./embedded/lmdb-store/lmdb-store.ts');
  const { openExpendable } = await import('./embedded/files/expendable.ts');
  const { onWarning, isNewVault = false } = options;
  refuseLostLog(path);
  const known = existsSync(vaultFile(path)) ? await openLmdbVault(path) : undefined;
  const log = await openLmdbLog({ path });
  if (!(known || isNewVault) && (await hasEvents(log))) throw lostVault('vault.mdb', `in ${path}`);
  const vault = known ?? (await openLmdbVault(path));
  const { incarnation } = log.info;
  await bindVault(vault, incarnation, {
    what: vaultFile(path),
    remedy: 'Restore the vault.mdb and the log.mdb that belong together.',
  });
  await checkShelf(path, incarnation);
  const file = join(path, 'connections.mdb');
  const connectionLog = await openExpendable({
    ...{ file, keptMs: connectionRetentionMs, now: Date.now, onWarning },
    open: () => openLmdbLog({ path, name: 'connections', retentionMs: connectionRetentionMs }),
  });
  const models = join(path, 'read-models');
  const store = await embeddedStore({ path: models });
  await checkModels({
    ...{ log, store, onWarning },
    what: `The read models in ${models}`,
    remedy: `Restore the log.mdb that they were built from, or move ${models} away: they are then built anew, without how far people have read.`,
  });
  return { name: 'embedded', log, connectionLog, store, vault };
};

const cluster = async (
  addresses: NonNullable<Config['cluster']>,
  options: EngineOptions,
): Promise<Engine> => {
  const { connectNats } = await import('./cluster/nats-connection.ts');
  const { takeLease } = await import('./cluster/nats-lease.ts');
  const { onWarning } = options;
  const { nc, warning } = await connectNats(addresses.natsUrl, { name: 'oshi' });
  let lease: Lease | undefined;
  const release = async (): Promise<void> => {
    await lease?.release();
    await nc.drain();
  };
  try {
    lease = await takeLease(nc, { onWarning });
    const ports = await portsOn(nc, addresses.mongodbUrl, options);
    onWarning(warning);
    return { ...closing(ports, release), lost: lease.lost };
  } catch (error) {
    await release();
    throw error;
  }
};

const portsOn = async (
  nc: Connected['nc'],
  mongodbUrl: string,
  { onError, onWarning, isNewVault = false }: EngineOptions,
): Promise<Ports> => {
  const { connectionFamily, eventFamily } = await import('./cluster/jetstream-log/family.ts');
  const { openJetstreamLog } = await import('./cluster/jetstream-log/jetstream-log.ts');
  const { openKvVault, readKvVault, vaultBucket } = await import('./cluster/kv-vault.ts');
  const { databaseIn, mongoStore } = await import('./cluster/mongo-store/mongo-store.ts');
  const store = await mongoStore({ url: mongodbUrl });
  const models = `the read models in the MongoDB database ${databaseIn(mongodbUrl)}`;
  const hasVault = (await readKvVault(nc)) !== undefined;
  const hasModels = (await incarnationsIn(store)).size > 0;
  const shared = { nc, onFault: onError, onWarning };
  const log = await openJetstreamLog({
    ...shared,
    family: eventFamily,
    partitions: clusterPartitions,
    beside: [...(hasVault ? [`the bucket ${vaultBucket}`] : []), ...(hasModels ? [models] : [])],
  });
  if (!(hasVault || isNewVault) && (await hasEvents(log))) {
    throw lostVault(`bucket ${vaultBucket}`, 'on the NATS server');
  }
  const vault = await openKvVault(nc);
  await bindVault(vault, log.info.incarnation, {
    what: `The bucket ${vaultBucket} on the NATS server`,
    remedy: `Restore the stream KV_${vaultBucket} and the streams of the log from one backup.`,
  });
  await checkModels({
    ...{ log, store, onWarning },
    what: `T${models.slice(1)}`,
    remedy:
      'Correct OSHI_NATS_URL or OSHI_MONGODB_URL so that both belong together, or drop that database: they are then built anew, without how far people have read.',
  });
  const connectionLog = await openJetstreamLog({
    ...shared,
    family: connectionFamily,
    partitions: 1,
    retentionMs: connectionRetentionMs,
  });
  return { name: 'cluster', log, connectionLog, store, vault };
};

/** Opens the engine that the configuration names. Rejects with one line that says what to do. */
export const openEngine = (config: Config, options: EngineOptions): Promise<Engine> =>
  config.cluster ? cluster(config.cluster, options) : embedded(config.dataDir, options);
