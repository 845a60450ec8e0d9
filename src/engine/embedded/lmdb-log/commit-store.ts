import { type Database, type DatabaseOptions, open, type RootDatabaseOptions } from 'lmdb';
import type { Aggregate } from '../../../events/aggregate.ts';
import type { RawCommit } from '../../../events/raw-log.ts';

/** A commit about to be written; `n` is the number of its first event. */
export type NewCommit = RawCommit & { readonly partition: number; readonly n: number };

/** An entry of the index: the commit that starts with event `n` is at position `seq` of its aggregate's partition. */
export type IndexEntry = {
  readonly aggregate: Aggregate;
  readonly n: number;
  readonly seq: number;
};

/** A part of the index: `start <= [aggregate, n] < end`. */
export type IndexRange = {
  readonly start: readonly [string, number];
  readonly end: readonly [string, number];
};

/** A part of a partition or of an aggregate to read; at least one commit, at most about `bytesMax`. */
export type Slice = { readonly after: number; readonly upTo: number; readonly bytesMax: number };

/**
 * The LMDB file of a log. Database `commits-<partition>`: position → aggregate, line feed, the commit's bytes.
 * Database `index`: [aggregate, number of the first event] → position. Database `meta`: the identity of the log.
 * Reads are synchronous and short. A write is one transaction, and readers see only what is durable: the commit is
 * flushed before it becomes visible (no overlapping sync).
 */
export interface CommitStore {
  meta(key: string): string | undefined;
  /** Makes the next read see what another process has written. */
  refresh(): void;
  /** The position of the partition's last commit, even if it was removed; 0 if there never was one. */
  last(partition: number): number;
  get(partition: number, seq: number): RawCommit | undefined;
  /** The commits in `after < seq <= upTo`. */
  range(partition: number, slice: Slice): RawCommit[];
  /** The newest commits of a partition, oldest first. */
  newest(partition: number, countMax: number): RawCommit[];
  /** The entry of the commit that holds event `n`, or of the last one before it; undefined if there is none. */
  entryOf(
    aggregate: Aggregate,
    n: number,
  ): { readonly n: number; readonly seq: number } | undefined;
  /** The number of the first event of the commit that follows the one that begins with event `n`. */
  nextOf(aggregate: Aggregate, n: number): { readonly n: number; readonly seq: number } | undefined;
  /** The index, or a part of it, in the order of the aggregates and numbers. */
  indexed(range?: IndexRange): Iterable<IndexEntry>;
  /** Writes all or nothing and resolves when it is durable. One write at a time. */
  write(commits: readonly NewCommit[]): Promise<void>;
  /** Removes all or nothing, and records that the log was trimmed. One write at a time. */
  remove(commits: readonly NewCommit[]): Promise<void>;
  setMeta(values: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** Set in `meta` when commits were removed from the front. */
export const trimmedKey = 'trimmed';

/** The key in `meta` of the position of the last commit that was removed: positions are never reused. */
const removedKey = (partition: number): string => `removed-${partition}`;

const lineFeed = 0x0a;
/** Greater than every event number, and less than what follows an array's last element in the order of keys. */
const afterAllNumbers = Number.MAX_VALUE;

const joined = ({ aggregate, bytes }: NewCommit): Buffer =>
  Buffer.concat([Buffer.from(`${aggregate}\n`), bytes]);

const split = (seq: number, value: Uint8Array): RawCommit => {
  const at = value.indexOf(lineFeed);
  const aggregate = Buffer.from(value.buffer, value.byteOffset, Math.max(at, 0)).toString();
  return { aggregate: aggregate as Aggregate, seq, bytes: value.subarray(at + 1) };
};

/** The type declarations of lmdb omit the options of `put`. */
type CommitDatabase = Database<Buffer, number> & {
  put(key: number, value: Buffer, options: { readonly append: true }): Promise<boolean>;
};

type Databases = {
  readonly root: { close(): Promise<void>; resetReadTxn(): void };
  readonly meta: Database<string, string>;
  readonly index: Database<number, [string, number]>;
  readonly commits: readonly CommitDatabase[];
};

/**
 * Resolves when writes are durable. Those of one transaction share a promise, or have one each. One that fails
 * rejects with a second promise inside, which rejects with the reason and must be observed here.
 */
const settled = async (writes: Iterable<Promise<boolean>>): Promise<void> => {
  let done: readonly boolean[];
  try {
    done = await Promise.all(writes);
  } catch (error) {
    const cause = await (error as { commitError?: Promise<never> }).commitError?.catch(
      (reason: unknown) => reason,
    );
    throw cause ?? error;
  }
  if (!done.every(Boolean)) throw new Error('a position of the log was taken already');
};

const reading = ({ meta, index, commits }: Databases) => ({
  meta: (key: string) => meta.get(key),
  last: (partition: number) => {
    for (const key of partitionOf(commits, partition).getKeys({ reverse: true, limit: 1 })) {
      return key;
    }
    return Number(meta.get(removedKey(partition)) ?? 0);
  },
  get: (partition: number, seq: number) => {
    const value = partitionOf(commits, partition).getBinary(seq);
    return value && split(seq, value);
  },
  range: (partition: number, { after, upTo, bytesMax }: Slice) => {
    const found: RawCommit[] = [];
    let bytes = 0;
    for (const { key, value } of partitionOf(commits, partition).getRange({ start: after + 1 })) {
      if (key > upTo || bytes >= bytesMax) break;
      found.push(split(key, value));
      bytes += value.length;
    }
    return found;
  },
  newest: (partition: number, countMax: number) => {
    const range = partitionOf(commits, partition).getRange({ reverse: true, limit: countMax });
    return Array.from(range, ({ key, value }) => split(key, value)).reverse();
  },
  entryOf: (aggregate: Aggregate, n: number) => {
    const options = { start: [aggregate, n], end: [aggregate, 0], reverse: true, limit: 1 };
    for (const { key, value } of index.getRange(options)) return { n: key[1], seq: value };
    return;
  },
  nextOf: (aggregate: Aggregate, n: number) => {
    const options = { start: [aggregate, n + 1], end: [aggregate, afterAllNumbers], limit: 1 };
    for (const { key, value } of index.getRange(options)) return { n: key[1], seq: value };
    return;
  },
  indexed: (range?: IndexRange) =>
    index
      .getRange(range && { start: [...range.start], end: [...range.end] })
      .map(({ key: [aggregate, n], value: seq }) => ({
        aggregate: aggregate as Aggregate,
        n,
        seq,
      })),
});

const partitionOf = (commits: Databases['commits'], partition: number): CommitDatabase => {
  const database = commits[partition];
  if (!database) throw new RangeError(`partition ${partition} of ${commits.length}`);
  return database;
};

const storeOf = (databases: Databases): CommitStore => {
  const { root, meta, index, commits } = databases;
  return {
    ...reading(databases),
    refresh: () => root.resetReadTxn(),
    write: (added) => {
      const writes = new Set<Promise<boolean>>();
      for (const commit of added) {
        writes.add(index.put([commit.aggregate, commit.n], commit.seq));
        // If the key is known to be the last one, LMDB fills its pages instead of halving them.
        const commits = partitionOf(databases.commits, commit.partition);
        writes.add(commits.put(commit.seq, joined(commit), { append: true }));
      }
      return settled(writes);
    },
    remove: (removed) => {
      const writes = new Set([meta.put(trimmedKey, 'yes')]);
      for (const { partition, seq, aggregate, n } of removed) {
        writes.add(meta.put(removedKey(partition), `${seq}`));
        writes.add(index.remove([aggregate, n]));
        writes.add(partitionOf(commits, partition).remove(seq));
      }
      return settled(writes);
    },
    setMeta: (values) =>
      settled(Object.entries(values).map(([key, value]) => meta.put(key, value))),
    close: () => root.close(),
  };
};

export type StoreOptions = {
  readonly file: string;
  readonly readOnly?: boolean;
  /** Needed to create one; an existing store has it in `meta`. */
  readonly partitions?: number;
};

const partitionsMax = 64;

/**
 * Opens the databases of a file that has been checked; they are created when `partitions` is given. Undefined if the
 * file is not a log.
 */
export const openCommitStore = async (options: StoreOptions): Promise<CommitStore | undefined> => {
  const { file, readOnly = false } = options;
  const rootOptions: RootDatabaseOptions & { permissionsMode: number } = {
    noSubdir: true,
    maxDbs: partitionsMax + 2,
    overlappingSync: false,
    readOnly,
    permissionsMode: 0o600,
  };
  const root = open(file, rootOptions);
  const create = options.partitions !== undefined;
  const database = <V, K extends string | number | [string, number]>(
    name: string,
    encoding: 'string' | 'binary' | 'ordered-binary',
  ): Database<V, K> | undefined => {
    const kind: DatabaseOptions & { create: boolean } = { encoding, create };
    return root.openDB<V, K>(name, kind);
  };
  try {
    const meta = database<string, string>('meta', 'string');
    const index = database<number, [string, number]>('index', 'ordered-binary');
    const partitions = options.partitions ?? Number(meta?.get('partitions') ?? 0);
    const commits = Array.from(
      { length: partitions },
      (_, partition) =>
        database<Buffer, number>(`commits-${partition}`, 'binary') as CommitDatabase | undefined,
    ).filter((opened) => opened !== undefined);
    if (meta && index && partitions > 0 && commits.length === partitions) {
      return storeOf({ root, meta, index, commits });
    }
    await root.close();
    return;
  } catch (error) {
    await root.close();
    throw error;
  }
};
