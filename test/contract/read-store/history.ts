import fc from 'fast-check';
import type { Document, Write } from '../../../src/store/documents.ts';
import { appliedField, type Batch, type PlacedWrite } from '../../../src/store/store.ts';
import { applyWrite } from '../../../src/store/update.ts';

/** What the events of one partition make of a collection: per event its writes, which share a place. */
export type History = readonly (readonly Write[])[];

const ids = ['a', 'b', 'c', 'ä-😀'];

const write = (_id: string): fc.Arbitrary<Write> => {
  const number = fc.integer({ min: -9, max: 9 });
  const update = fc.oneof(
    number.map((n) => ({ $inc: { n, 'deep.n': 1 } })),
    number.map((n) => ({ $set: { last: n, 'deep.last': n }, $inc: { sets: 1 } })),
    number.map((n) => ({ $max: { max: n }, $min: { min: n } })),
    number.map((n) => ({ $push: { list: n } })),
    number.map((n) => ({ $addToSet: { set: n }, $setOnInsert: { first: n } })),
    number.map((n) => ({ $pull: { list: n } })),
    fc.constant({ $unset: { last: '', 'deep.n': '' } }),
  );
  return fc.oneof(
    { weight: 2, arbitrary: number.map((n) => ({ insertOne: { document: { _id, n } } })) },
    {
      weight: 8,
      arbitrary: fc
        .record({ update, upsert: fc.boolean() })
        .map(({ update: of, upsert }) => ({ updateOne: { filter: { _id }, update: of, upsert } })),
    },
    { weight: 1, arbitrary: fc.constant({ deleteOne: { filter: { _id } } }) },
  );
};

/** Histories over a few documents. */
export const histories: fc.Arbitrary<History> = fc.array(
  fc.array(fc.constantFrom(...ids).chain(write), { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 40 },
);

/** One long history, the same for the same seed. */
export const longHistory = (seed: number, events: number): History =>
  fc.sample(histories, { seed, numRuns: events }).flat().slice(0, events);

/** Sizes of batches, in events, used over and over. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.integer({ min: 1, max: 12 }), {
  minLength: 1,
  maxLength: 5,
});

export type Course = {
  readonly collection: string;
  readonly projections: readonly string[];
  readonly partition?: number;
};

/** The events behind `from` up to `to`, as a batch. The place of the first event is 1. */
export const batchOf = (
  history: History,
  { collection, projections, partition = 0 }: Course,
  { from, to }: { readonly from: number; readonly to: number },
): Batch => ({
  projections,
  partition,
  from,
  to,
  writes: history
    .slice(from, to)
    .flatMap((writes, at): PlacedWrite[] =>
      writes.map((one) => ({ collection, place: from + at + 1, write: one })),
    ),
});

/** What the history makes of nothing, done the simple way. */
export const foldOf = (history: History): Document[] => {
  const documents = new Map<string, Document>();
  for (const one of history.flat()) {
    const id = idOf(one);
    const after = applyWrite(documents.get(id), one);
    if (after) documents.set(id, after);
    else documents.delete(id);
  }
  return sorted([...documents.values()]);
};

/** Documents without what the store adds, in a fixed order. */
export const bare = (documents: readonly Document[]): Document[] =>
  sorted(documents.map(({ [appliedField]: _, ...document }) => document as Document));

const sorted = (documents: Document[]): Document[] =>
  documents.sort((a, b) => (a._id < b._id ? -1 : 1));

const idOf = (one: Write): string => {
  if ('insertOne' in one) return one.insertOne.document._id;
  return 'updateOne' in one ? one.updateOne.filter._id : one.deleteOne.filter._id;
};
