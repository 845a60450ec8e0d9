import { expect, test } from 'vitest';
import type { Write } from '../../../src/store/documents.ts';
import { foldWrites, writesByDocument } from '../../../src/store/fold.ts';

const count: Write = { updateOne: { filter: { _id: 'x' }, update: { $inc: { n: 1 } } } };
const insert: Write = { insertOne: { document: { _id: 'x', n: 0 } } };
const remove: Write = { deleteOne: { filter: { _id: 'x' } } };
const placed = (place: number, write: Write) => ({ collection: 'c', place, write });
const document = { _id: 'x', n: 7, _applied: { 0: 5, 1: 9 } };
const before = { document, applied: document._applied };

test('what the document carries is left out', () => {
  expect(foldWrites(before, [placed(4, count), placed(5, count)], 0)).toBeUndefined();
  expect(foldWrites(before, [placed(5, count), placed(6, count), placed(8, count)], 0)).toEqual({
    document: { _id: 'x', n: 9, _applied: { 0: 8, 1: 9 } },
    applied: { 0: 8, 1: 9 },
  });
});

test('the places of other partitions are another matter', () => {
  expect(foldWrites(before, [placed(1, count)], 2)?.document).toEqual({
    _id: 'x',
    n: 8,
    _applied: { 0: 5, 1: 9, 2: 1 },
  });
});

test('several writes of one event all count', () => {
  expect(foldWrites(before, [placed(6, count), placed(6, count)], 0)?.document?.n).toBe(9);
});

test('a document that is deleted and inserted anew keeps all places', () => {
  const folded = foldWrites(before, [placed(6, remove), placed(7, insert), placed(8, count)], 0);
  expect(folded?.document).toEqual({ _id: 'x', n: 1, _applied: { 0: 8, 1: 9 } });
  expect(foldWrites(before, [placed(6, remove)], 0)).toEqual({
    document: undefined,
    applied: { 0: 6, 1: 9 },
  });
});

test('writes are grouped by document, in order', () => {
  const other: Write = { deleteOne: { filter: { _id: 'y' } } };
  const writes = [
    placed(1, insert),
    placed(1, other),
    placed(2, count),
    { ...placed(3, count), collection: 'd' },
  ];
  const grouped = [...writesByDocument(writes)].map(([collection, documents]) => [
    collection,
    [...documents],
  ]);
  expect(grouped).toEqual([
    [
      'c',
      [
        ['x', [writes[0], writes[2]]],
        ['y', [writes[1]]],
      ],
    ],
    ['d', [['x', [writes[3]]]]],
  ]);
});
