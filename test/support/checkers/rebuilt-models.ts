import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventFamily } from '../../../src/engine/cluster/jetstream-log/family.ts';
import { openJetstreamLog } from '../../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { mongoStore } from '../../../src/engine/cluster/mongo-store/mongo-store.ts';
import { connectNats } from '../../../src/engine/cluster/nats-connection.ts';
import { openLmdbLog } from '../../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { embeddedStore } from '../../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import type { EventLog } from '../../../src/events/log.ts';
import { collectionOf } from '../../../src/projections/projection.ts';
import { builtIn } from '../../../src/projections/read-models.ts';
import { startRunner } from '../../../src/projections/runner/runner.ts';
import { appliedField, type ReadStore } from '../../../src/store/store.ts';
import type { ServerStage } from '../fixtures/server-stage.ts';

/** All documents of the built-in read models by collection and id, without what the store adds to them. */
export type Models = Readonly<Record<string, Readonly<Record<string, object>>>>;

const documentsMax = 100_000;

const bareRows = async (store: ReadStore, collection: string): Promise<{ _id: string }[]> => {
  const rows = await store.find(collection, {}, { limit: documentsMax });
  return rows.map(({ [appliedField]: _, ...fields }) => fields as { _id: string });
};

const modelsIn = async (store: ReadStore): Promise<Models> => {
  const collections = builtIn.map(async (projection) => {
    const rows = await bareRows(store, collectionOf(projection));
    return [projection.name, Object.fromEntries(rows.map((row) => [row._id, row]))] as const;
  });
  return Object.fromEntries(await Promise.all(collections));
};

const rebuild = async (log: EventLog, store: ReadStore): Promise<Models> => {
  const onError = (error: Error): void => {
    throw error;
  };
  const runner = await startRunner({ log, store, projections: builtIn, onError });
  await runner.caughtUp();
  await runner.stop();
  const models = await modelsIn(store);
  await store.close();
  return models;
};

/** What is on the stage: the log, and fresh stores; no server runs on it. */
type Kept = {
  readonly log: EventLog;
  fresh(name: string): Promise<ReadStore>;
  close(): Promise<void>;
};

const liveStore = ({ engine, dir, env }: ServerStage): Promise<ReadStore> =>
  engine === 'embedded'
    ? embeddedStore({ path: join(dir, 'read-models') })
    : mongoStore({ url: env.OSHI_MONGODB_URL ?? '' });

/** The documents of one collection as the server left them; none runs on the stage. */
export const documentsOf = async (
  stage: ServerStage,
  collection: string,
): Promise<readonly object[]> => {
  const store = await liveStore(stage);
  try {
    return await bareRows(store, collection);
  } finally {
    await store.close();
  }
};

const embedded = async ({ dir }: ServerStage): Promise<Kept> => {
  const copy = join(dir, 'copy');
  await mkdir(copy);
  await copyFile(join(dir, 'log.mdb'), join(copy, 'log.mdb'));
  const log = await openLmdbLog({ path: copy });
  return {
    log,
    fresh: (name) => embeddedStore({ path: join(dir, name) }),
    close: () => log.close(),
  };
};

const cluster = async ({ env }: ServerStage): Promise<Kept> => {
  const { OSHI_NATS_URL = '', OSHI_MONGODB_URL: url = '' } = env;
  const { nc } = await connectNats(OSHI_NATS_URL);
  const log = await openJetstreamLog({ nc, family: eventFamily });
  const close = async (): Promise<void> => {
    await log.close();
    await nc.close();
  };
  return {
    log,
    fresh: (name) => mongoStore({ url: `${url}-${name}` }),
    close,
  };
};

/** The read models as the server left them, and as two rebuilds from the log give them. */
export const modelsOf = async (
  stage: ServerStage,
): Promise<{ readonly live: Models; readonly rebuilt: readonly [Models, Models] }> => {
  const kept = await (stage.engine === 'embedded' ? embedded(stage) : cluster(stage));
  try {
    const store = await liveStore(stage);
    const live = await modelsIn(store);
    await store.close();
    const first = await rebuild(kept.log, await kept.fresh('first'));
    const second = await rebuild(kept.log, await kept.fresh('second'));
    return { live, rebuilt: [first, second] };
  } finally {
    await kept.close();
  }
};
