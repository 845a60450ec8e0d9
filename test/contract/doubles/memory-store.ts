import { Query } from 'mingo';
import type { Document, Update } from '../../../src/store/documents.ts';
import { type Applied, appliedOf, foldWrites, writesByDocument } from '../../../src/store/fold.ts';
import { appliedField, CheckpointMoved, type ReadStore } from '../../../src/store/store.ts';
import { applyUpdate } from '../../../src/store/update.ts';

export type MemoryStore = ReadStore & {
  /** A collection's documents by their ids, without what the store adds to them. */
  contents(collection: string): Record<string, Document>;
};

/** What is kept under one id; a document that was deleted leaves behind how far it had come. */
type Kept = { readonly document: Document | undefined; readonly applied: Applied };

const fitting = (filter: object) => {
  const query = new Query({ ...filter });
  return (document: Document): boolean => query.test({ ...document });
};

const alwaysThere = { isAway: () => false, hasDates: false, close: async () => {} };

const keyOf = (projection: string, partition: number): string => `${projection}/${partition}`;

/**
 * A read store for unit tests. It is as loose as the port allows: a batch is written document by document with
 * `turn` in between, and the checkpoints move last, so that two runners can come between each other.
 */
export const memoryStore = (turn: () => Promise<void> = async () => {}): MemoryStore => {
  const collections = new Map<string, Map<string, Kept>>();
  const checkpoints = new Map<string, number>();
  const collection = (name: string): Map<string, Kept> => {
    const kept = collections.get(name) ?? new Map<string, Kept>();
    collections.set(name, kept);
    return kept;
  };
  const documents = (name: string): Document[] =>
    [...collection(name).values()].flatMap(({ document }) => document ?? []);
  const select = (name: string, filter: object): Document[] =>
    documents(name).filter(fitting(filter));
  const change = (name: string, id: string, update: Update): Document => {
    const before = collection(name).get(id)?.document;
    const document = applyUpdate(before ?? { _id: id }, update, !before);
    collection(name).set(id, { document, applied: appliedOf(document) });
    return document;
  };

  return {
    async prepare(specs) {
      for (const { name } of specs) collection(name);
    },
    async get(name, id) {
      return collection(name).get(id)?.document;
    },
    async getMany(name, ids) {
      return ids.flatMap((id) => collection(name).get(id)?.document ?? []);
    },
    async find(name, filter, { sort = {}, limit = Number.POSITIVE_INFINITY } = {}) {
      return select(name, filter).sort(orderOf(sort)).slice(0, limit);
    },
    async count(name, filter, max) {
      return Math.min(max, select(name, filter).length);
    },
    async checkpoint(projection, partition) {
      await turn();
      return checkpoints.get(keyOf(projection, partition)) ?? 0;
    },
    async apply({ projections, partition, from, to, writes }) {
      for (const [name, groups] of writesByDocument(writes)) {
        for (const [id, group] of groups) {
          await turn();
          const before = collection(name).get(id) ?? { document: undefined, applied: {} };
          const after = foldWrites(before, group, partition);
          if (after) collection(name).set(id, after);
        }
      }
      await turn();
      const moved = projections.filter((p) => (checkpoints.get(keyOf(p, partition)) ?? 0) !== from);
      if (moved.length > 0)
        throw new CheckpointMoved(`${moved.join(', ')} is no longer at ${from}`);
      for (const p of projections) checkpoints.set(keyOf(p, partition), to);
    },
    async update(name, which, update) {
      const { id, where = {} } = typeof which === 'string' ? { id: which } : which;
      const before = collection(name).get(id)?.document;
      if (!(before && fitting(where)(before))) return undefined;
      return change(name, id, update);
    },
    async upsert(name, id, update) {
      return change(name, id, update);
    },
    async put(name, document) {
      collection(name).set(document._id, { document, applied: {} });
    },
    async remove(name, id) {
      collection(name).delete(id);
    },
    async drop(name) {
      collections.delete(name);
      for (const key of checkpoints.keys()) {
        if (key.startsWith(`${name}/`)) checkpoints.delete(key);
      }
    },
    ...alwaysThere,
    contents(name) {
      const rows = documents(name).map(({ [appliedField]: _, ...fields }) => fields as Document);
      return Object.fromEntries(rows.sort(orderOf({ _id: 1 })).map((row) => [row._id, row]));
    },
  };
};

const orderOf =
  (sort: { readonly [field: string]: 1 | -1 }) =>
  (a: Document, b: Document): number => {
    for (const [field, sign] of Object.entries(sort)) {
      const [x, y] = [a[field] as string | number, b[field] as string | number];
      if (x !== y) return x < y ? -sign : sign;
    }
    return 0;
  };
