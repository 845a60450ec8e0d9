import type { CollectionSpec, Document } from './documents.ts';
import type { ReadStore } from './store.ts';

/** One row per read model: its log, and where its documents are. `_id`: the logical name of its collection. */
export const origins: CollectionSpec = { name: 'origins', indexes: [] };

/**
 * The row of a read model. The logical name, such as `messages_v2`, is what the code calls its collection; the
 * physical one is where the documents are: the same, until the model is rebuilt beside itself.
 */
export type Origin = Document & {
  /** The log that all of its collections are built from. */
  readonly incarnation: string;
  /** The physical name of what is read; left out: the logical one. */
  readonly collection?: string;
  /** What was read before, until whoever follows the log has taken up `collection`. */
  readonly old?: string;
  /** How far that has come: one who follows has begun to take it up, or reads it by now. */
  readonly taken?: 'begun' | 'done';
  /** What is being filled beside it. */
  readonly rebuilding?: string;
  /** Which process fills it. A number that it raises shows that it lives. */
  readonly rebuilder?: string;
  readonly beat?: number;
};

/** The physical name of what is read. */
export const collectionIn = ({ _id, collection = _id }: Origin): string => collection;

/** More rows than there ever are. */
const rowsMax = 1_000;

/** The logs that any read models of a store were built from; empty if there are none. */
export const incarnationsIn = async (store: ReadStore): Promise<ReadonlySet<string>> => {
  await store.prepare([origins]);
  const rows = (await store.find(
    origins.name,
    {},
    { sort: { _id: 1 }, limit: rowsMax },
  )) as Origin[];
  return new Set(rows.map(({ incarnation }) => incarnation));
};

/** The log that a collection was built from; undefined if it never was bound to one. */
export const originOf = async (
  store: Pick<ReadStore, 'get'>,
  collection: string,
): Promise<string | undefined> =>
  (await store.get(origins.name, collection))?.incarnation as string | undefined;
