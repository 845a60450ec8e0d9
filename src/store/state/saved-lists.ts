import { createHash } from 'node:crypto';
import { nextIteration } from '../../runtime/timers.ts';
import type { ReadStore } from '../store.ts';

/** Where a list is saved. */
export type ListPlace = {
  /** Which of two places a list has; a whole list is saved in the one that is not in use. */
  readonly slot: 0 | 1;
  /** The number of its entries. */
  readonly count: number;
  /** The digest of the full parts. */
  readonly sum: string;
  /** The entries after the last full part. */
  readonly rest: readonly string[];
};

/** Entries to add to a list, or to save in its place if `isWhole`. `place`: where it is saved; undefined: nowhere. */
export type ListToSave = {
  readonly place: ListPlace | undefined;
  readonly isWhole: boolean;
  readonly entries: readonly string[];
};

/** What the row that refers to a list says of it. */
export type ListEntry = {
  readonly slot: 0 | 1;
  readonly count: number;
  readonly digest: string;
};

/** Entries of a document, which is rewritten until it is full: with ids of 36 characters it has 10 KB. */
const partLength = 256;
/** Documents that are read or written at once. */
const partsAtOnce = 32;

const nowhere: ListPlace = { slot: 0, count: 0, sum: '', rest: [] };

const digestOf = (sum: string, text: string): string =>
  createHash('sha256').update(sum).update(text).digest('base64url');

/** The digest of a whole list. */
const digestAt = ({ sum, rest }: ListPlace): string =>
  rest.length > 0 ? digestOf(sum, JSON.stringify(rest)) : sum;

const partsOf = (count: number): number => Math.ceil(count / partLength);

/** The ids of the parts of a list, in groups. */
function* idsOf(name: string, { slot, count }: Pick<ListPlace, 'slot' | 'count'>) {
  const ids = Array.from({ length: partsOf(count) }, (_, part) => `${name}/${slot}/${part}`);
  for (let at = 0; at < ids.length; at += partsAtOnce) yield ids.slice(at, at + partsAtOnce);
}

/** Adds entries; gives the changed parts as text, each with the place that the list then has. */
function* added({ slot, ...begun }: ListPlace, entries: readonly string[]) {
  let { count, sum } = begun;
  let rest = [...begun.rest];
  for (const entry of entries) {
    rest.push(entry);
    count++;
    if (rest.length < partLength) continue;
    const text = JSON.stringify(rest);
    sum = digestOf(sum, text);
    rest = [];
    yield { text, place: { slot, count, sum, rest } };
  }
  if (rest.length === 0 || count === begun.count) return;
  yield { text: JSON.stringify(rest), place: { slot, count, sum, rest } };
}

/** The first entries of a part. */
const entriesIn = (text: string, max: number): string[] =>
  (JSON.parse(text) as string[]).slice(0, max);

/** The place of a list with one part more. */
const behind = (
  { slot, count, sum }: ListPlace,
  { part, text }: { readonly part: readonly string[]; readonly text: string },
): ListPlace => {
  const isFull = part.length === partLength;
  return {
    ...{ slot, count: count + part.length },
    ...(isFull ? { sum: digestOf(sum, text), rest: [] } : { sum, rest: part }),
  };
};

/**
 * Lists of texts that grow, in documents of a bounded size: adding entries writes these and rewrites one document at
 * most. A list is valid only with its entry in another document, which is written after it: entries beyond it are
 * ignored, and a digest tells when another writer or an interruption has left other ones.
 */
export const savedLists = (
  store: Pick<ReadStore, 'getMany' | 'put' | 'remove'>,
  collection: string,
) => {
  /** The texts of parts; a missing one is empty. */
  const textsOf = async (ids: readonly string[]): Promise<string[]> => {
    const rows = await store.getMany(collection, ids);
    const texts = new Map(rows.map((row) => [row._id, row.entries as string]));
    return ids.map((id) => texts.get(id) ?? '[]');
  };

  return {
    entryOf: (place: ListPlace): ListEntry => ({
      ...{ slot: place.slot, count: place.count },
      digest: digestAt(place),
    }),

    /** Where a list with this entry is, to be replaced: what it holds is not known. */
    placeOf: (entry: unknown): ListPlace => {
      const { slot, count } = entry as ListEntry;
      return { ...nowhere, slot, count };
    },

    /** Saves entries; the list is valid once its entry is saved. */
    async save(name: string, { place: before, isWhole, entries }: ListToSave): Promise<ListPlace> {
      const other: ListPlace = { ...nowhere, slot: before?.slot === 0 ? 1 : 0 };
      const begun = isWhole || !before ? other : before;
      let place = begun;
      let writing: Promise<void>[] = [];
      for (const { text, place: after } of added(begun, entries)) {
        const _id = `${name}/${after.slot}/${partsOf(after.count) - 1}`;
        writing.push(store.put(collection, { _id, entries: text }));
        place = after;
        if (writing.length < partsAtOnce) continue;
        await Promise.all(writing);
        writing = [];
      }
      await Promise.all(writing);
      return place;
    },

    /** The entries in their order, in parts; undefined if they are not those that were saved. */
    async load(name: string, entry: unknown) {
      const { slot, count, digest } = entry as ListEntry;
      const parts: string[][] = [];
      let place: ListPlace = { ...nowhere, slot };
      for (const ids of idsOf(name, { slot, count })) {
        for (const text of await textsOf(ids)) {
          const part = entriesIn(text, count - place.count);
          place = behind(place, { part, text });
          parts.push(part);
        }
        await nextIteration();
      }
      return digestAt(place) === digest ? { place, parts } : undefined;
    },

    /** Removes a list that nothing refers to any more. */
    async remove(name: string, place: ListPlace): Promise<void> {
      for (const ids of idsOf(name, place)) {
        await Promise.all(ids.map((id) => store.remove(collection, id)));
      }
    },
  };
};
