import type { ClusterConfig } from '../../config.ts';
import type { EventLog } from '../../events/log.ts';
import { bindVault } from '../../events/vault-binding.ts';
import { defined } from '../../runtime/defined.ts';
import { acquiring, type Resources } from '../../runtime/resources.ts';
import { readerOf } from '../../store/document-reader.ts';
import { incarnationsIn } from '../../store/origins.ts';
import { checkModels, hasEvents, lostVault } from '../start-checks.ts';
import {
  connectionRetentionMs,
  type Engine,
  type EngineOptions,
  type Storage,
} from '../storage.ts';
import { storedCheckpoints } from './checkpoints.ts';
import { connectionFamily, eventFamily, namesOf, streamName } from './jetstream-log/family.ts';
import { openJetstreamLog } from './jetstream-log/jetstream-log.ts';
import { Link } from './jetstream-log/link.ts';
import { openJetstreamRawLog } from './jetstream-log/raw-log.ts';
import { bucketStream } from './kv-bucket.ts';
import { openKvVault, readKvVault, vaultBucket } from './kv-vault.ts';
import type { MongoStore } from './mongo-store/mongo-store.ts';
import { type Connected, connectNats, endConnection } from './nats-connection.ts';
import { refuseIfLeased } from './nats-lease.ts';
import { nodesBucket, openNatsNodes } from './nats-nodes.ts';
import { answerRequestsOn, requestOn } from './nats-requests.ts';
import { natsVolume } from './nats-volume.ts';
import { settleReplicas } from './replicas.ts';

type Nats = Connected['nc'];

/** Loaded when it is first needed: MongoDB's driver takes longer to load than most commands take. */
const openStore = async (url: string): Promise<MongoStore> => {
  const { mongoStore } = await import('./mongo-store/mongo-store.ts');
  return mongoStore({ url });
};

export const clusterStorage = (servers: ClusterConfig): Storage => {
  const { natsUrl, natsFiles: files, mongodbUrl } = servers;
  const connect = (): Promise<Connected> => connectNats(natsUrl, { name: 'oshi reader', files });
  /** Opens something on a connection of its own, which is closed with it. */
  const reading = <T extends object>(open: (nc: Nats) => Promise<T>) =>
    acquiring(async (resources) => {
      const { nc } = await connect();
      resources.add(nc, endConnection);
      const opened: T & { close?(): unknown } = await open(nc);
      resources.add(opened, () => opened.close?.());
      return { ...opened, close: () => resources.release() };
    });
  return {
    where: 'on the NATS server',
    serve: (options) => acquiring((resources) => serve(servers, options, resources)),
    async request(text) {
      const { nc } = await connect();
      try {
        return await requestOn(nc, text);
      } finally {
        await endConnection(nc);
      }
    },
    readLog: () => reading((nc) => openJetstreamLog({ nc, family: eventFamily, readOnly: true })),
    readRawLog: () => reading((nc) => openJetstreamRawLog(nc)),
    readConnectionLog: () =>
      reading((nc) =>
        openJetstreamLog({
          nc,
          family: connectionFamily,
          readOnly: true,
          retentionMs: connectionRetentionMs,
        }),
      ),
    readModels: async () => readerOf(await openStore(mongodbUrl)),
    readVault: () => reading(async (nc) => (await readKvVault(nc)) ?? noVault),
    async newestCheckpoint(incarnation) {
      const store = await openStore(mongodbUrl);
      try {
        return await storedCheckpoints(store).newest(incarnation);
      } finally {
        await store.close();
      }
    },
    openStore: () => openStore(mongodbUrl),
    async openScratchStore() {
      const { openScratchDatabase } = await import('./mongo-store/scratch.ts');
      return openScratchDatabase(mongodbUrl);
    },
    async restore({ onWarning }) {
      const { restoreServers } = await import('./restoration.ts');
      return restoreServers({ servers, onWarning, openStore });
    },
    async inspect() {
      const { inspectNats } = await import('./nats-inspection.ts');
      const { inspectMongo } = await import('./mongo-store/inspection.ts');
      const found = await Promise.all([inspectNats(servers), inspectMongo(mongodbUrl)]);
      return found.flat();
    },
  };
};

const noVault = { get: async () => undefined, entries: async () => [] };

const serve = async (
  { natsUrl, natsFiles, natsReplicas: replicas, partitions, mongodbUrl }: ClusterConfig,
  { onError, onWarning, isNewVault = false }: EngineOptions,
  resources: Resources,
): Promise<Engine> => {
  const close = (it: { close(): unknown }): unknown => it.close();
  const { nc, warning } = await connectNats(natsUrl, { name: 'oshi', files: natsFiles });
  resources.add(nc, endConnection);
  await refuseIfLeased(nc, { onWarning });
  const { databaseIn } = await import('./mongo-store/mongo-store.ts');
  const store = resources.add(await openStore(mongodbUrl), close);
  const models = `the read models in the MongoDB database ${databaseIn(mongodbUrl)}`;
  const hasVault = (await readKvVault(nc)) !== undefined;
  const hasModels = (await incarnationsIn(store)).size > 0;
  const shared = { nc, onFault: onError, ...defined({ replicas }) };
  const log = await openJetstreamLog({
    ...shared,
    ...{ family: eventFamily, ...defined({ partitions }) },
    beside: [...(hasVault ? [`the bucket ${vaultBucket}`] : []), ...(hasModels ? [models] : [])],
  });
  resources.add(log, close);
  warnOfPartitions(log, partitions, onWarning);
  if (!(hasVault || isNewVault) && (await hasEvents(log))) {
    throw lostVault(`bucket ${vaultBucket}`, 'on the NATS server');
  }
  const vault = resources.add(await openKvVault(nc, { replicas }), close);
  await bindVault(vault, log.info.incarnation, {
    what: `The bucket ${vaultBucket} on the NATS server`,
    remedy: `Restore the stream KV_${vaultBucket} and the streams of the log from one backup.`,
  });
  await checkModels({
    log,
    store,
    onWarning,
    what: `T${models.slice(1)}`,
    remedy:
      'Correct OSHI_NATS_URL or OSHI_MONGODB_URL so that both belong together, or drop that database: they are then rebuilt, without the read markers of users.',
  });
  const connectionLog = await openJetstreamLog({
    ...shared,
    family: connectionFamily,
    retentionMs: connectionRetentionMs,
  });
  resources.add(connectionLog, close);
  const nodes = await openNatsNodes(nc, { replicas, onError });
  await settleReplicas(new Link(nc), { streams: streamsOf(log), replicas, onWarning });
  onWarning(warning);
  const ports = { log, connectionLog, store, vault, checkpoints: storedCheckpoints(store) };
  return {
    name: 'cluster',
    ...ports,
    volumes: [natsVolume(nc), store.volume],
    nodes,
    answerRequests: async (handler) => answerRequestsOn(nc, handler, onWarning),
    close: () => resources.release(),
  };
};

/** The number is fixed when a log is created: every aggregate has its partition by it. */
const warnOfPartitions = (
  { info }: EventLog,
  wanted: number | undefined,
  onWarning: (line: string) => void,
): void => {
  if (wanted === undefined || wanted === info.partitions) return;
  onWarning(
    `OSHI_PARTITIONS is ${wanted} and has no effect: the log was created with ${info.partitions}, which cannot be changed.`,
  );
};

/** Everything that a server stores in NATS. */
const streamsOf = ({ info }: EventLog): readonly string[] => [
  ...namesOf(eventFamily, info.partitions).partitions.map(({ stream }) => stream),
  streamName(connectionFamily, 0),
  bucketStream(vaultBucket),
  bucketStream(nodesBucket),
];
