import { describe, expect, test } from 'vitest';
import type { Index } from '../../../src/store/documents.ts';
import { chooseIndex, primary } from '../../../src/store/index-choice.ts';
import { type Filter, NoIndex, type Sort } from '../../../src/store/store.ts';

const byStream: Index = { s: 1, m: -1 };
const byWord: Index = { s: 1, words: 1, m: -1 };
const byScore: Index = { score: -1, name: 1 };
const indexes = [byStream, byWord, byScore];
const known = [primary, ...indexes].map((index) => JSON.stringify(index)).join(', ');
const choose = (filter: Filter, sort?: Sort, isLimited = false) =>
  chooseIndex({ collection: 'c', indexes, filter, sort, isLimited });

describe('the choice of an index', () => {
  test.each<[Filter, Sort | undefined, Index]>([
    [{ s: 'x' }, { m: -1 }, byStream],
    [{ s: 'x', m: { $lt: 9 } }, { m: -1 }, byStream],
    [{ s: 'x', words: 'w' }, { m: -1 }, byWord],
    [{ s: 'x', words: 'w', flag: true }, undefined, byWord],
    [{ s: 'x', words: { $gte: 'w' } }, undefined, byWord],
    [{ score: { $gt: 1 } }, { score: 1 }, byScore],
    [{ _id: 'a', s: 'x', words: 'w' }, undefined, primary],
    [{ _id: { $in: ['a', 'b'] } }, { _id: -1 }, primary],
  ])('%j with a sort of %j', (filter, sort, index) => {
    expect(choose(filter, sort).index).toBe(index);
  });

  test('says which stretches are read, and in which direction', () => {
    expect(choose({ s: 'x', m: { $gt: 1, $lte: 5, $ne: 3 } }, { m: 1 })).toEqual({
      index: byStream,
      points: [['x']],
      range: { $gt: 1, $lte: 5 },
      order: ['m'],
      reverse: true,
    });
    expect(choose({ s: { $in: ['x', 'y', 'x'] }, words: { $eq: 'w' } }, { m: -1 })).toEqual({
      index: byWord,
      points: [
        ['x', 'w'],
        ['y', 'w'],
      ],
      order: ['m'],
      reverse: false,
    });
  });

  test('a scan of everything needs a limit', () => {
    expect(() => choose({})).toThrow(NoIndex);
    expect(choose({}, undefined, true).index).toBe(primary);
    expect(choose({}, { score: -1 }, true).index).toBe(byScore);
    expect(() => choose({ flag: 1 }, { score: -1 }, true)).toThrow(NoIndex);
  });

  test('an order in both directions is served as the index has it, or turned', () => {
    expect(choose({ score: 1 }, { score: -1, name: -1 }).reverse).toBe(true);
    expect(choose({ score: { $gt: 0 } }, { score: -1, name: 1 }).reverse).toBe(false);
    expect(choose({ score: { $gt: 0 } }, { score: 1, name: -1 }).reverse).toBe(true);
    expect(() => choose({ score: { $gt: 0 } }, { score: 1, name: 1 })).toThrow(NoIndex);
  });

  test('more values than are worth a seek each are left to the filter', () => {
    const many = { $in: Array.from({ length: 1_001 }, (_, n) => n) };
    expect(choose({ s: 'x', m: many }).points).toEqual([['x']]);
    expect(() => choose({ s: many })).toThrow(
      new NoIndex(
        `no index of c serves a filter on s with a sort on nothing; the indexes are: ${known}`,
      ),
    );
  });
});
