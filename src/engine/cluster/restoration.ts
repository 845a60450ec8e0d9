import type { Config } from '../../config.ts';
import { acquiring } from '../../runtime/resources.ts';
import { incarnationsIn, origins } from '../../store/origins.ts';
import { checkpoints } from '../../store/state/checkpoints.ts';
import { keptCollections } from '../../store/state/kept.ts';
import type { ReadStore } from '../../store/store.ts';
import type { Restoration } from '../storage.ts';
import { storedCheckpoints } from './checkpoints.ts';
import { Link } from './jetstream-log/link.ts';
import { openJetstreamRawLog } from './jetstream-log/raw-log.ts';
import {
  createRestoringStreams,
  hasUnfinished,
  removeUnfinished,
} from './jetstream-log/restoring.ts';
import { deleteKvVault, openKvVault, readKvVault, vaultBucket } from './kv-vault.ts';
import { connectNats, endConnection } from './nats-connection.ts';
import { takeLease } from './nats-lease.ts';

export type RestoreServersOptions = {
  readonly addresses: NonNullable<Config['cluster']>;
  readonly partitions: number;
  readonly onWarning: (line: string) => void;
  readonly openStore: (url: string) => Promise<ReadStore>;
};

/** Prepares servers that hold nothing of Oshi's to be filled from a backup. */
export const restoreServers = (options: RestoreServersOptions): Promise<Restoration> =>
  acquiring(async (resources) => {
    const { natsUrl, mongodbUrl } = options.addresses;
    const { partitions, onWarning } = options;
    const { nc } = await connectNats(natsUrl, { name: 'oshi restore' });
    resources.add(nc, endConnection);
    resources.add(await takeLease(nc, { onWarning }), (taken) => taken.release());
    const store = resources.add(await options.openStore(mongodbUrl), (it) => it.close());
    const link = new Link(nc);
    if (await hasUnfinished(link, partitions)) {
      await deleteKvVault(nc);
      for (const { name } of [...keptCollections, checkpoints, origins]) await store.drop(name);
      await removeUnfinished(link, partitions);
    }
    if ((await incarnationsIn(store)).size > 0) {
      throw new Error(
        'the MongoDB database holds the read models of a log: name another database in OSHI_MONGODB_URL, or drop it.',
      );
    }
    if (await readKvVault(nc)) {
      throw new Error(
        `the NATS server holds a vault already (bucket ${vaultBucket}): restore to other servers, or to an account with nothing in it.`,
      );
    }
    const streams = await createRestoringStreams(link, partitions);
    return {
      info: streams.info,
      vault: await openKvVault(nc),
      store,
      checkpoints: storedCheckpoints(store),
      append: (commits) => streams.append(commits),
      readRawLog: () => openJetstreamRawLog(nc, { isUnfinished: true }),
      complete: () => streams.complete(),
      close: () => resources.release(),
    };
  });
