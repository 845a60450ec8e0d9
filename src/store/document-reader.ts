import type { Document } from './documents.ts';
import type { ReadStore } from './store.ts';

/** A read store for reading only. A collection that does not exist is empty. */
export interface DocumentReader {
  get(collection: string, id: string): Promise<Document | undefined>;
  /** Those that exist, in no particular order. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  /** The next documents after `after` (from the beginning if it is empty), in the order of their ids' bytes. */
  page(collection: string, after: string, limit: number): Promise<Document[]>;
  checkpoint(projection: string, partition: number): Promise<number>;
  close(): Promise<void>;
}

/** A reader that also finds documents by their fields, by the rules of the store. */
export type QueryReader = DocumentReader & Pick<ReadStore, 'find'>;

export const readerOf = (store: ReadStore): QueryReader => ({
  ...store,
  page: (collection, after, limit) =>
    store.find(collection, after === '' ? {} : { _id: { $gt: after } }, {
      sort: { _id: 1 },
      limit,
    }),
});
