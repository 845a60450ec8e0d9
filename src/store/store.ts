import type { CollectionSpec, Document, Update, Write } from './documents.ts';

/**
 * The field of every projected document with its applied positions: by partition (as a string) the key of the last
 * event that changed it.
 */
export const appliedField = '_applied';

/** One write of a batch. `place`: the key of its event (`eventKey`), which grows along the partition. */
export type PlacedWrite = {
  readonly collection: string;
  readonly write: Write;
  readonly place: number;
};

/** The writes of the events after `from` and up to `to` of one partition, in order. */
export type Batch = {
  /** The projections whose checkpoints move, by the physical name of the collection. */
  readonly projections: readonly string[];
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly writes: readonly PlacedWrite[];
};

export type Sort = { readonly [field: string]: 1 | -1 };
export type Filter = { readonly [field: string]: unknown };
export type FindOptions = { readonly sort?: Sort; readonly limit?: number };

/** A document, and the condition that it must meet. */
export type Which = { readonly id: string; readonly where: Filter };

/** Thrown by `apply` when the checkpoint is not where the batch starts: another runner has taken over. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** Thrown by `find` and `count` when no index serves the query; a bug of the caller. */
export class NoIndex extends Error {
  override readonly name = 'NoIndex';
}

/** The part of the store that queries of read models need. */
export type StoreToRead = Pick<ReadStore, 'get' | 'getMany' | 'find'>;

/** The store is unavailable or full; the call may be retried. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * The store of the read models, of checkpoints and of state that is not derived from events. Two implementations:
 * MongoDB, and LMDB with mingo.
 */
export interface ReadStore {
  /**
   * Whether the store is known to be unavailable: every access then rejects immediately with `StoreUnavailable`.
   * Callers that can do without it check this instead of waiting.
   */
  isAway(): boolean;

  /** Whether fields that a schema declares as `Time` are stored as dates; if not, as the numbers that they are. */
  readonly hasDates: boolean;

  /**
   * Creates the collections with their indexes and validators where they do not exist. The names are the physical
   * ones. Called before a collection is used, any number of times.
   */
  prepare(collections: readonly CollectionSpec[]): Promise<void>;

  get(collection: string, id: string): Promise<Document | undefined>;
  /** Those that exist, in no particular order. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  /**
   * The documents that match, in the order of `sort`. The filter uses equality, `$in`, `$lt`, `$lte`, `$gt`, `$gte`,
   * `$ne`, `$exists`. Filter and sort together must be served by an index: equalities on its first fields, then at
   * most one range or the fields of the sort; other conditions are tested on what the index returns. Otherwise
   * `NoIndex`.
   */
  find(collection: string, filter: Filter, options?: FindOptions): Promise<Document[]>;
  /** The number of documents that match, counted up to `max`. The same index rule applies. */
  count(collection: string, filter: Filter, max: number): Promise<number>;

  /** The checkpoint of a projection in a partition: a position of the log; 0 at the beginning. */
  checkpoint(projection: string, partition: number): Promise<number>;

  /**
   * Applies a batch and then moves the checkpoints of its projections from `from` to `to`. Exactly once: a write is
   * skipped if its document has the write's key or a later one in the `appliedField`, so a batch that is applied
   * again, in whole or in other parts, by a restart or by a second runner, changes nothing. Every document written
   * gets its key. An insert of what exists and is newer, an update of what does not exist (without upsert) and a
   * delete of what does not exist change nothing. Rejects with `CheckpointMoved` if a checkpoint is past `from` at
   * the end; no effect is doubled by it. Durable enough that a checkpoint is never ahead of its documents after a
   * crash.
   */
  apply(batch: Batch): Promise<void>;

  /**
   * Atomically changes one document of state (not of a projection; it declares no times) and returns the new
   * document. Returns undefined and changes nothing if it does not exist or does not meet the condition.
   */
  update(collection: string, which: string | Which, update: Update): Promise<Document | undefined>;
  /** Changes one document of state, which is created if it does not exist, and returns the new document. */
  upsert(collection: string, id: string, update: Update): Promise<Document>;
  /** Writes one document of state, replacing any previous one. */
  put(collection: string, document: Document): Promise<void>;
  remove(collection: string, id: string): Promise<void>;
  /**
   * Drops a collection and its checkpoints, these first: after an interruption there may be documents without
   * checkpoints, never the other way round, and it must be called again. Does not block other work.
   */
  drop(collection: string): Promise<void>;

  close(): Promise<void>;
}
