import type { CollectionSpec, Document } from './documents.ts';
import type { ReadStore } from './store.ts';

/** One row per read model: its log, and where its documents are. `_id`: the logical name of its collection. */
export const origins: CollectionSpec = { name: 'origins', indexes: [] };

/**
 * The row of a read model. The logical name, such as `messages_v2`, is what the code calls its collection; the
 * physical one is where the documents are: the same, until the model is rebuilt.
 */
export type Origin = Document & {
  /** The log that all of its collections are built from. */
  readonly incarnation: string;
  /** The physical name of the collection that is read; absent: the logical one. */
  readonly collection?: string;
  /** The previous collection, until no process that follows the log reads it any more. */
  readonly old?: string;
  /** The state of that: a process has begun to switch over, or reads the new collection. With several, of the last that noted it. */
  readonly taken?: 'begun' | 'done';
  /** Whether a server builds the one that is to be read, which was not complete when it started. */
  readonly building?: boolean;
  /** Whether it was filled up to the end of the log once, so that all nodes can take it over. */
  readonly filled?: boolean;
  /** The collection that is being filled. */
  readonly rebuilding?: string;
  /** The process that fills it. A number that it increases shows that it is alive. */
  readonly rebuilder?: string;
  readonly beat?: number;
};

/** The physical name of what is read. */
export const collectionIn = ({ _id, collection = _id }: Origin): string => collection;

/** More rows than there ever are. */
const rowsMax = 1_000;

/** The logs that the read models of a store were built from; empty if there are none. */
export const incarnationsIn = async (store: ReadStore): Promise<ReadonlySet<string>> => {
  await store.prepare([origins]);
  const rows = (await store.find(
    origins.name,
    {},
    { sort: { _id: 1 }, limit: rowsMax },
  )) as Origin[];
  return new Set(rows.map(({ incarnation }) => incarnation));
};

/** Records that the state in a store belongs to a log, as a read model does, before there is any read model. */
export const markStore = async (store: ReadStore, incarnation: string): Promise<void> => {
  await store.prepare([origins]);
  await store.put(origins.name, { _id: 'markers', incarnation });
};

/** The log that a collection was built from; undefined if it was never bound to one. */
export const originOf = async (
  store: Pick<ReadStore, 'get'>,
  collection: string,
): Promise<string | undefined> =>
  (await store.get(origins.name, collection))?.incarnation as string | undefined;
