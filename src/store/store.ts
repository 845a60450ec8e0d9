import type { CollectionSpec, Document, Update, Write } from './documents.ts';

/**
 * The field in which every projected document carries how far it has come: by partition (as a string) the
 * place of the last event that changed it. Named so that it sorts out of people's way.
 */
export const appliedField = '_applied';

/** One write of a batch. `place` grows along the log within a partition: see `eventKey`. */
export type PlacedWrite = {
  readonly collection: string;
  readonly write: Write;
  readonly place: number;
};

/** The writes of the events after `from` and up to `to` of one partition, in order. */
export type Batch = {
  /** Whose checkpoints move, by the physical name of the collection. */
  readonly projections: readonly string[];
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly writes: readonly PlacedWrite[];
};

export type Sort = { readonly [field: string]: 1 | -1 };
export type Filter = { readonly [field: string]: unknown };
export type FindOptions = { readonly sort?: Sort; readonly limit?: number };

/** A document that is asked to be so. */
export type Which = { readonly id: string; readonly where: Filter };

/** Thrown by `apply` when the checkpoint is not where the batch begins: another runner has taken over. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
}

/** Thrown by `find` and `count` when no index serves the query; a fault of the program. */
export class NoIndex extends Error {
  override readonly name = 'NoIndex';
}

/** What is needed to ask something of read models. */
export type StoreToRead = Pick<ReadStore, 'get' | 'getMany' | 'find'>;

/** The store is away or full; the caller may try again later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * The store of the read models, of checkpoints and of state that is not derived from events. Two
 * implementations: MongoDB, and LMDB with mingo.
 */
export interface ReadStore {
  /**
   * Whether the store is known to be away: every access rejects with `StoreUnavailable` then, immediately. Callers that
   * can do without it ask this instead of waiting.
   */
  isAway(): boolean;

  /**
   * Makes sure that the collections exist with their indexes and validators; what exists already stays. The
   * name is the physical one. Called before a collection is used, as often as one likes.
   */
  prepare(collections: readonly CollectionSpec[]): Promise<void>;

  get(collection: string, id: string): Promise<Document | undefined>;
  /** Those that exist, in no particular order. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  /**
   * The documents that fit, in the order of `sort`. The filter uses equality, `$in`, `$lt`, `$lte`, `$gt`,
   * `$gte`, `$ne`, `$exists`. Filter and sort together must fit an index: equalities on its first fields, then
   * at most one range or the fields of the sort; anything else that the filter asks is tested on what the
   * index gives. Otherwise `NoIndex`.
   */
  find(collection: string, filter: Filter, options?: FindOptions): Promise<Document[]>;
  /** How many fit, counted up to `max`. Same rule of indexes. */
  count(collection: string, filter: Filter, max: number): Promise<number>;

  /** How far a projection has come in a partition: a place in the log; 0 at the beginning. */
  checkpoint(projection: string, partition: number): Promise<number>;

  /**
   * Applies a batch and then moves the checkpoints of its projections from `from` to `to`. Exactly once:
   * a write is skipped if its document carries its place or a later one in the `appliedField`, so a batch that
   * is applied again, in whole or in other portions, by a restart or by a second runner, changes nothing.
   * Every document written carries its place. An insert of what exists and is newer, an update of what does
   * not exist (without upsert) and a delete of what does not exist change nothing. Rejects with
   * `CheckpointMoved` if a checkpoint is past `from` at the end; no effect is doubled by it. Durable enough
   * that a checkpoint is never ahead of its documents after a crash.
   */
  apply(batch: Batch): Promise<void>;

  /**
   * Changes one document of state (not of a projection) and gives it as it then is. If it is not there, or not as it
   * is asked to be, nothing is changed and nothing given; what is asked and done is one step.
   */
  update(collection: string, which: string | Which, update: Update): Promise<Document | undefined>;
  /** Changes one document of state, which is made if it is not there, and gives it as it then is. */
  upsert(collection: string, id: string, update: Update): Promise<Document>;
  /** Puts one document of state, whatever was there. */
  put(collection: string, document: Document): Promise<void>;
  /** Forgets one document of state. */
  remove(collection: string, id: string): Promise<void>;
  /**
   * Drops a collection with its checkpoints, these first: if it is cut short, documents may be left without them,
   * never the other way round, and it is to be called again. Others are not held up by it.
   */
  drop(collection: string): Promise<void>;

  close(): Promise<void>;
}
