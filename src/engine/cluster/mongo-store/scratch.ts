import { hostname } from 'node:os';
import { type Db, type MongoClient, MongoServerError } from 'mongodb';
import { wallClock } from '../../../runtime/clock.ts';
import { isProcessAlive } from '../../../runtime/processes.ts';
import { randomSecret } from '../../../runtime/random.ts';
import type { ReadStore } from '../../../store/store.ts';
import { connectMongo } from './connection.ts';
import { databaseIn, mongoStore } from './mongo-store.ts';

/** Database names of MongoDB have at most 63 bytes. */
const databaseNameMax = 40;
/** The owner of an older database, in ms, counts as dead if it is on another machine and cannot be checked. */
const goneMs = 2 * 86_400_000;

type Owner = {
  readonly _id: string;
  readonly host: string;
  readonly pid: number;
  readonly at: number;
};

const ownerOf = (client: MongoClient, database: string) =>
  client.db(database).collection<Owner>('owner');

/**
 * An empty database beside the one of the URL, with its owner in `owner`. Those of processes that were killed are
 * dropped first. `drop` removes it with its content.
 */
export const openScratchDatabase = async (
  url: string,
): Promise<{ readonly store: ReadStore; drop(): Promise<void> }> => {
  const client = await connectMongo({ url, selectionMs: 5000 });
  const prefix = `${databaseIn(url).slice(0, databaseNameMax)}-verify-`;
  await sweep(client, prefix);
  const database = `${prefix}${randomSecret(6).toString('hex')}`;
  const owner = { _id: 'owner', host: hostname(), pid: process.pid, at: wallClock() };
  await ownerOf(client, database).insertOne(owner).catch(refused(database));
  const store = await mongoStore({ url, database });
  return {
    store,
    async drop() {
      await store.close();
      await removeAll(client.db(database));
      await client.close();
    },
  };
};

const unauthorized = 13;

const refused =
  (database: string) =>
  (cause: unknown): never => {
    if (!(cause instanceof MongoServerError && cause.code === unauthorized)) throw cause;
    throw new Error(
      `the user in OSHI_MONGODB_URL may not create the temporary database ${database}: grant it the role readWriteAnyDatabase, or run oshi verify --no-models`,
      { cause },
    );
  };

/** Drops all collections, and with the last one the database; other than to drop that, this needs no further role. */
const removeAll = async (database: Db): Promise<void> => {
  for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray()) {
    await database.dropCollection(name);
  }
};

const sweep = async (client: MongoClient, prefix: string): Promise<void> => {
  // Those that this user may see; without the right to list them, none is dropped.
  const listing = client.db().admin().listDatabases({ nameOnly: true, authorizedDatabases: true });
  const { databases } = await listing.catch(() => ({ databases: [] }));
  for (const { name } of databases) {
    if (!/^[0-9a-f]{12}$/.test(name.startsWith(prefix) ? name.slice(prefix.length) : '')) continue;
    const owner = await ownerOf(client, name).findOne({ _id: 'owner' });
    if (owner && isGone(owner)) await removeAll(client.db(name));
  }
};

const isGone = ({ host, pid, at }: Owner): boolean =>
  Math.abs(wallClock() - at) > goneMs || (host === hostname() && !isProcessAlive(pid));
