import type { ClusterConfig } from '../../config.ts';
import { acquiring } from '../../runtime/resources.ts';
import { incarnationsIn, markStore, origins } from '../../store/origins.ts';
import { checkpoints } from '../../store/state/checkpoints.ts';
import { keptCollections } from '../../store/state/kept.ts';
import type { ReadStore } from '../../store/store.ts';
import type { Restoration } from '../storage.ts';
import { storedCheckpoints } from './checkpoints.ts';
import { Link } from './jetstream-log/link.ts';
import { openJetstreamRawLog } from './jetstream-log/raw-log.ts';
import {
  createRestoringStreams,
  removeUnfinished,
  unfinishedIn,
} from './jetstream-log/restoring.ts';
import { deleteKvVault, openKvVault, readKvVault, vaultBucket } from './kv-vault.ts';
import { databaseIn } from './mongo-store/mongo-store.ts';
import { connectNats, endConnection } from './nats-connection.ts';
import { takeLease } from './nats-lease.ts';

export type RestoreServersOptions = {
  readonly servers: ClusterConfig;
  readonly onWarning: (line: string) => void;
  readonly openStore: (url: string) => Promise<ReadStore>;
};

/** Prepares servers that hold nothing of Oshi's to be filled from a backup. */
export const restoreServers = (options: RestoreServersOptions): Promise<Restoration> =>
  acquiring(async (resources) => {
    const { natsUrl, natsFiles, natsReplicas: replicas, partitions, mongodbUrl } = options.servers;
    const { onWarning } = options;
    const { nc } = await connectNats(natsUrl, { name: 'oshi restore', files: natsFiles });
    resources.add(nc, endConnection);
    const lease = await takeLease(nc, { replicas, onWarning });
    resources.add(lease, (taken) => taken.release());
    let lost: Error | undefined;
    void lease.lost.then((error) => {
      lost = error;
    });
    const whileHeld = <T>(work: () => Promise<T>): Promise<T> =>
      lost ? Promise.reject(lost) : work();
    const store = resources.add(await options.openStore(mongodbUrl), (it) => it.close());
    const link = new Link(nc);
    const unfinished = await unfinishedIn(link);
    const known = await incarnationsIn(store);
    if (unfinished !== undefined && known.has(unfinished) && known.size === 1) {
      for (const { name } of [...collections, origins]) await store.drop(name);
    }
    await requireEmpty(store, databaseIn(mongodbUrl));
    if (unfinished !== undefined) {
      await deleteKvVault(nc);
      await removeUnfinished(link);
    }
    if (await readKvVault(nc)) {
      throw new Error(
        `the NATS server holds a vault already (bucket ${vaultBucket}): restore to other servers, or to an account with nothing in it.`,
      );
    }
    const streams = await createRestoringStreams(link, { partitions, replicas });
    await markStore(store, streams.info.incarnation);
    return {
      info: streams.info,
      vault: await openKvVault(nc, { replicas }),
      store,
      checkpoints: storedCheckpoints(store),
      append: (commits) => whileHeld(() => streams.append(commits)),
      readRawLog: () => openJetstreamRawLog(nc, { isUnfinished: true }),
      complete: () => whileHeld(() => streams.complete()),
      close: () => resources.release(),
    };
  });

const collections = [...keptCollections, checkpoints];

/** Rejects with one line if the database holds what a restore writes: of another log, or of another program. */
const requireEmpty = async (store: ReadStore, database: string): Promise<void> => {
  for (const { name } of [...collections, origins]) {
    if ((await store.find(name, {}, { sort: { _id: 1 }, limit: 1 })).length === 0) continue;
    throw new Error(
      `the MongoDB database ${database} holds a collection ${name} already: name an empty database in OSHI_MONGODB_URL.`,
    );
  }
};
