import { type Collection, type Db, MongoServerError } from 'mongodb';
import type { Document, Index } from '../../../store/documents.ts';
import { chooseIndex, type IndexChoice, type IndexQuestion } from '../../../store/index-choice.ts';
import { NoIndex, type ReadStore, type Sort } from '../../../store/store.ts';
import type { Volume } from '../../../store/volume.ts';
import { applyBatch } from './batch.ts';
import { checkpointReader, dropCheckpoints } from './checkpoint.ts';
import { CircuitBreaker, guardedStore } from './circuit-breaker.ts';
import { type Codecs, openCodecs } from './codecs.ts';
import { connectMongo } from './connection.ts';
import { duplicateKey } from './failure.ts';
import { volumeOf } from './mongo-volume.ts';
import { indexesOf, prepareCollections } from './preparation.ts';
import { goneField, type Stored } from './record.ts';

export type MongoStoreOptions = {
  readonly url: string;
  /** Default: the one that the URL names, or `oshi`. */
  readonly database?: string;
  /** How long to look for a server, in ms; default 5,000, at least 500. */
  readonly selectionMs?: number;
};

export type MongoStore = ReadStore & { readonly volume: Volume };

/**
 * The read store in MongoDB 5.0 or later, standalone or replicated. Rejects with one line that says what to do if
 * there is no such server. If it is lost later, accesses reject with `StoreUnavailable`, immediately once the server
 * is known to be unavailable.
 */
export const mongoStore = async (options: MongoStoreOptions): Promise<MongoStore> => {
  const { url, database: name = databaseIn(url), selectionMs = 5_000 } = options;
  const client = await connectMongo({ url, selectionMs });
  const database = client.db(name);
  const queries = openQueries(database);
  const codecs = openCodecs(database);
  const breaker = new CircuitBreaker({
    probe: (probeMsMax) => database.command({ ping: 1 }, { timeoutMS: probeMsMax }),
  });
  const store: Omit<ReadStore, 'isAway'> = {
    hasDates: true,
    prepare: async (specs) => {
      await prepareCollections(database, specs);
      for (const spec of specs) {
        queries.forget(spec.name);
        codecs.know(spec);
      }
    },
    ...readsOf(database, { queries, codecs }),
    apply: (batch) => applyBatch({ database, codecs }, batch),
    ...changesOf(database, codecs),
    drop: async (collection) => {
      await dropCheckpoints(database, collection);
      await database.dropCollection(collection);
      queries.forget(collection);
      codecs.forget(collection);
    },
    close: () => client.close(),
  };
  return { ...guardedStore(store, breaker), volume: volumeOf(database) };
};

/** The database that a URL names. */
export const databaseIn = (url: string): string =>
  /^mongodb(?:\+srv)?:\/\/[^/]+\/(?<name>[^?]+)/u.exec(url)?.groups?.name ?? 'oshi';

const alive = { [goneField]: { $exists: false } };

type Reads = Pick<ReadStore, 'get' | 'getMany' | 'find' | 'count' | 'checkpoint'>;

const readsOf = (
  database: Db,
  { queries, codecs }: { readonly queries: Queries; readonly codecs: Codecs },
): Reads => {
  const of = (name: string): Collection<Stored> => database.collection<Stored>(name);
  return {
    get: async (collection, id) => {
      const { decode } = await codecs.of(collection);
      const stored = await of(collection).findOne({ ...alive, _id: id });
      return stored ? decode(stored) : undefined;
    },
    getMany: async (collection, ids) => {
      const { decode } = await codecs.of(collection);
      const filter = { ...alive, _id: { $in: [...ids] } };
      return of(collection).find(filter).map(decode).toArray();
    },
    find: async (collection, filter, { sort, limit } = {}) => {
      const isLimited = limit !== undefined;
      const choice = await queries.choose(collection, { filter, sort, isLimited });
      if (limit === 0) return [];
      const codec = await codecs.of(collection);
      return of(collection)
        .find(
          { ...codec.filter(filter), ...alive },
          { hint: { ...choice.index }, sort: sortOf(choice, sort), ...(limit && { limit }) },
        )
        .map(codec.decode)
        .toArray();
    },
    count: async (collection, filter, max) => {
      const { index } = await queries.choose(collection, { filter, isLimited: true });
      if (max === 0) return 0;
      const codec = await codecs.of(collection);
      const options = { hint: { ...index }, limit: max };
      return of(collection).countDocuments({ ...codec.filter(filter), ...alive }, options);
    },
    checkpoint: checkpointReader(database),
  };
};

/** A plain scan is in the order of `_id`, as in the other store. */
const sortOf = ({ index, points }: IndexChoice, sort: Sort | undefined): Record<string, 1 | -1> =>
  sort ?? (points[0]?.length === 0 ? { ...index } : {});

type Queries = {
  choose(
    collection: string,
    query: Omit<IndexQuestion, 'collection' | 'indexes'>,
  ): Promise<IndexChoice>;
  /** Its indexes have changed. */
  forget(collection: string): void;
};

/** Caches the indexes of the collections; asks the server again before it reports a missing one. */
const openQueries = (database: Db): Queries => {
  const known = new Map<string, readonly Index[]>();
  const learn = async (collection: string): Promise<readonly Index[]> => {
    const indexes = await indexesOf(database, collection);
    known.set(collection, indexes);
    return indexes;
  };
  return {
    choose: async (collection, query) => {
      const indexes = known.get(collection);
      if (indexes) {
        try {
          return chooseIndex({ collection, indexes, ...query });
        } catch (error) {
          if (!(error instanceof NoIndex)) throw error;
        }
      }
      return chooseIndex({ collection, indexes: await learn(collection), ...query });
    },
    forget: (collection) => {
      known.delete(collection);
    },
  };
};

const after = { returnDocument: 'after' } as const;

const changesOf = (
  database: Db,
  codecs: Codecs,
): Pick<ReadStore, 'update' | 'upsert' | 'put' | 'remove'> => {
  const of = (name: string): Collection<Document> =>
    database.collection<Document>(name, { writeConcern: { w: 'majority' } });
  return {
    update: async (collection, which, update) => {
      const filter = typeof which === 'string' ? { _id: which } : { ...which.where, _id: which.id };
      const { decode } = await codecs.of(collection);
      const changed = await of(collection).findOneAndUpdate(filter, update, after);
      return changed ? decode(changed) : undefined;
    },
    upsert: (collection, id, update) =>
      retried(async () => {
        const options = { ...after, upsert: true } as const;
        const changed = await of(collection).findOneAndUpdate({ _id: id }, update, options);
        const { decode } = await codecs.of(collection);
        return decode(changed as Document);
      }),
    put: (collection, document) =>
      retried(async () => {
        const { encode } = await codecs.of(collection);
        await of(collection).replaceOne({ _id: document._id }, encode(document), { upsert: true });
      }),
    remove: async (collection, id) => {
      await of(collection).deleteOne({ _id: id });
    },
  };
};

/** Of two concurrent upserts of one document, one may be refused, and is then an update. */
const retried = async <T>(change: () => Promise<T>): Promise<T> => {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === duplicateKey)) throw error;
    return change();
  }
};
