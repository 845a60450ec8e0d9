import fc from 'fast-check';
import { Query } from 'mingo';
import { expect, test } from 'vitest';
import type { Document } from '../../../src/store/documents.ts';
import { type Filter, NoIndex, type Sort } from '../../../src/store/store.ts';
import type { Opened } from './opened.ts';

const seed = 20_261_126;

/** Filters, sorts, limits, and the rule of indexes. */
export const queryContract = (opened: () => Opened): void => {
  answers(opened);
  law(opened);
  lists(opened);
  refusals(opened);
};

const indexes = [
  { s: 1, m: -1 },
  { kind: 1, at: 1, m: 1 },
  { score: -1, name: 1 },
  { 'deep.n': 1 },
] as const;

const documents: readonly Document[] = [
  { _id: 'a', s: 'x', m: 1, kind: 'k', at: 5, score: 1, name: 'b', deep: { n: 1 } },
  { _id: 'b', s: 'x', m: 2, kind: 'k', at: 4, score: 2, name: 'b', deep: { n: 2 } },
  { _id: 'c', s: 'x', m: 3, kind: 'k', at: 4, score: 2, name: 'a', flag: true },
  { _id: 'd', s: 'x', m: 10, kind: 'l', at: -1.5, score: null, name: 'é' },
  { _id: 'e', s: 'y', m: 1, kind: 'k', at: 4.25, flag: false },
  { _id: 'f', s: 'y', kind: 'l', at: 'text', name: '😀' },
  { _id: 'g', s: 'xx', m: 1e12, kind: 'm' },
  { _id: 'h', s: `x${'long'.repeat(100)}1`, m: 1 },
  { _id: 'i', s: `x${'long'.repeat(100)}2`, m: 2 },
];

/** The ids that come out, in order. */
const cases: readonly (readonly [Filter, { sort?: Sort; limit?: number }, string])[] = [
  [{ s: 'x' }, { sort: { m: -1 } }, 'dcba'],
  [{ s: { $in: [] } }, { sort: { m: -1 } }, ''],
  [{ s: 'x', m: { $in: [] } }, {}, ''],
  [{ s: 'x' }, { sort: { m: 1 } }, 'abcd'],
  [{ s: 'x' }, { sort: { s: 1, m: 1 } }, 'abcd'],
  [{ s: 'x', m: { $lt: 3 } }, { sort: { m: -1 } }, 'ba'],
  [{ s: 'x', m: { $lte: 3 } }, { sort: { m: -1 }, limit: 2 }, 'cb'],
  [{ s: 'x', m: { $gt: 1 } }, { sort: { m: 1 }, limit: 2 }, 'bc'],
  [{ s: 'x', m: { $gte: 2, $lt: 10 } }, { sort: { m: -1 } }, 'cb'],
  [{ s: 'x', m: { $gt: 2, $lte: 10 } }, { sort: { m: 1 } }, 'cd'],
  [{ s: 'x', m: 2 }, {}, 'b'],
  [{ s: { $eq: 'x' }, m: { $in: [1, 3, 4, 3] } }, { sort: { m: 1 } }, 'ac'],
  [{ s: 'y' }, { sort: { m: 1 } }, 'fe'],
  [{ s: 'y', m: null }, {}, 'f'],
  [{ s: 'y', m: { $exists: false } }, {}, 'f'],
  [{ s: 'y', m: { $exists: true } }, {}, 'e'],
  [{ s: 'y', m: { $gte: 0 } }, {}, 'e'],
  [{ s: { $in: ['y', 'x', 'nobody'] } }, { sort: { m: -1 }, limit: 3 }, 'dcb'],
  [{ s: { $in: ['xx', 'y'] }, m: { $gt: 0 } }, { sort: { m: 1 } }, 'eg'],
  [{ s: 'x', flag: true }, {}, 'c'],
  [{ s: 'x', flag: { $ne: true } }, { sort: { m: 1 } }, 'abd'],
  [{ s: 'x', name: { $in: ['b', 'é'] } }, { sort: { m: 1 } }, 'abd'],
  [{ s: 'x', flag: { $exists: false }, score: { $lt: 2 } }, {}, 'a'],
  [{ s: 'x', flag: { $ne: true } }, { sort: { m: -1 }, limit: 1 }, 'd'],
  [{ kind: 'k' }, { sort: { at: 1, m: 1 } }, 'bcea'],
  [{ kind: 'k' }, { sort: { at: -1, m: -1 } }, 'aecb'],
  [{ kind: 'k', at: { $gt: 4 } }, { sort: { at: 1 } }, 'ea'],
  [{ kind: 'k', at: 4 }, { sort: { m: -1 } }, 'cb'],
  [{ kind: 'l', at: { $lt: 100 } }, {}, 'd'],
  [{ kind: 'l', at: { $gte: 'a' } }, {}, 'f'],
  [{ score: { $gte: 1 } }, { sort: { score: -1, name: 1 } }, 'cba'],
  [{ score: { $gte: 1 } }, { sort: { score: 1, name: -1 } }, 'abc'],
  [{}, { sort: { score: -1, name: 1 }, limit: 3 }, 'cba'],
  [{ 'deep.n': { $gt: 1 } }, {}, 'b'],
  [{ s: `x${'long'.repeat(100)}2` }, {}, 'i'],
  [{ s: { $gt: `x${'long'.repeat(100)}1` } }, { sort: { s: 1 }, limit: 1 }, 'i'],
  [{ s: 'nobody' }, { sort: { m: -1 } }, ''],
  [{ _id: 'c' }, {}, 'c'],
  [{ _id: 'c', s: 'y' }, {}, ''],
  [{ _id: { $in: ['c', 'z', 'a'] } }, { sort: { _id: 1 } }, 'ac'],
  [{ _id: { $gt: 'b', $lte: 'd' } }, { sort: { _id: 1 } }, 'cd'],
  [{ _id: { $gte: 'b', $lt: 'd' } }, { sort: { _id: -1 } }, 'cb'],
  [{ _id: { $gt: 'c' }, s: 'y' }, {}, 'ef'],
  [{}, { sort: { _id: -1 }, limit: 2 }, 'ih'],
  [{}, { limit: 3 }, 'abc'],
  [{}, { limit: 0 }, ''],
];

const answers = (opened: () => Opened): void => {
  test('every filter, sort and limit', async () => {
    const { store, fresh } = opened();
    const collection = await fresh(indexes);
    for (const document of documents) await store.put(collection, document);
    for (const [filter, options, ids] of cases) {
      const question = JSON.stringify([filter, options]);
      const found = await store.find(collection, filter, options);
      expect([question, found.map(({ _id }) => _id).join('')]).toEqual([question, ids]);
      const count = await store.count(collection, filter, options.limit ?? 100);
      expect([question, count]).toEqual([question, ids.length]);
    }
    expect(await store.count(collection, { s: 'x' }, 2)).toBe(2);
    expect(await store.count(collection, {}, 100)).toBe(documents.length);
  });

  test('getMany gives those that exist, each once', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    for (const document of documents) await store.put(collection, document);
    const found = await store.getMany(collection, ['b', 'nobody', 'a', 'b']);
    expect(found.map(({ _id }) => _id).sort()).toEqual(['a', 'b']);
    expect(await store.getMany(collection, [])).toEqual([]);
    expect(await store.get(collection, 'nobody')).toBeUndefined();
    expect(await store.get(`${collection}-unknown`, 'a')).toBeUndefined();
  });

  test('an index follows the changes of its documents', async () => {
    const { store, fresh } = opened();
    const collection = await fresh(indexes);
    await store.put(collection, { _id: 'a', s: 'x', m: 1 });
    await store.update(collection, 'a', { $set: { s: 'y' } });
    await store.put(collection, { _id: 'b', s: 'y', m: 2 });
    expect(await store.find(collection, { s: 'x' })).toEqual([]);
    expect(await store.count(collection, { s: 'y' }, 10)).toBe(2);
    await store.remove(collection, 'a');
    await store.update(collection, 'b', { $unset: { s: '' } });
    expect(await store.find(collection, { s: 'y' })).toEqual([]);
    expect(await store.find(collection, { s: null })).toEqual([{ _id: 'b', m: 2 }]);
  });
};

const long = 'long'.repeat(30);
const values = fc.constantFrom(null, true, 0, 1, 2.5, 'a', 'b', `${long}1`, `${long}2`);
const held = fc.oneof(values, values, fc.array(values, { maxLength: 3 }), fc.constant({ deep: 1 }));
const some = values.filter((value) => value !== null);
const ends = fc.dictionary(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), some, {
  minKeys: 1,
  maxKeys: 2,
});
const conditions = fc.oneof(
  values,
  fc.array(values, { maxLength: 3 }).map(($in) => ({ $in })),
  ends,
  fc.record({ $in: fc.array(values, { maxLength: 3 }), $ne: values }),
  fc.constant({ $exists: true }),
);
const asked = fc.oneof(
  fc.record({ a: conditions }),
  fc.record({ a: conditions, b: conditions }),
  fc.record({ b: conditions, _id: conditions }),
  fc.record({ _id: conditions }),
);

const law = (opened: () => Opened): void => {
  test(`what is found is what fits, however it is looked for (seed ${seed})`, async () => {
    const { store, fresh } = opened();
    const collection = await fresh([
      { a: 1, b: -1 },
      { b: 1, _id: 1 },
    ]);
    const found = async (filter: Filter): Promise<string[] | undefined> => {
      try {
        return (await store.find(collection, filter)).map(({ _id }) => _id).sort();
      } catch (error) {
        if (error instanceof NoIndex) return undefined;
        throw error;
      }
    };
    const stocks = fc.array(fc.record({ a: held, b: values }, { requiredKeys: [] }), {
      maxLength: 12,
    });
    const questions = fc.array(asked, { minLength: 20, maxLength: 20 });
    const whatFits = fc.asyncProperty(stocks, questions, async (stock, filters) => {
      const all = stock.map((row, at) => ({ _id: `${'ab'[at % 2]}${at}`, ...row }));
      await Promise.all(all.map((row) => store.put(collection, row)));
      try {
        for (const filter of filters) {
          const query = new Query(filter);
          const fitting = all.filter((row) => query.test(row)).map(({ _id }) => _id);
          const ids = (await found(filter)) ?? fitting.sort();
          expect([JSON.stringify(filter), ids]).toEqual([JSON.stringify(filter), fitting.sort()]);
        }
      } finally {
        await Promise.all(all.map(({ _id }) => store.remove(collection, _id)));
      }
    });
    await fc.assert(whatFits, { seed, numRuns: 250 });
  });
};

const lists = (opened: () => Opened): void => {
  test('an index over a list finds each of its elements', async () => {
    const { store, fresh } = opened();
    const collection = await fresh([{ s: 1, words: 1, m: -1 }, { n: 1 }]);
    await store.put(collection, {
      _id: 'a',
      s: 'x',
      words: ['one', 'two', 'two'],
      m: 1,
      n: [1, 9],
    });
    await store.put(collection, { _id: 'b', s: 'x', words: ['two'], m: 2, n: [5] });
    await store.put(collection, { _id: 'c', s: 'x', words: [], m: 3 });
    const ids = async (filter: Filter, sort?: Sort) =>
      (await store.find(collection, filter, sort && { sort })).map(({ _id }) => _id).join('');
    expect(await ids({ s: 'x', words: 'two' }, { m: -1 })).toBe('ba');
    expect(await ids({ s: 'x', words: 'one' }, { m: -1 })).toBe('a');
    expect(await ids({ s: 'x', words: { $in: ['one', 'two'] } }, { m: -1 })).toBe('ba');
    expect(await store.count(collection, { s: 'x', words: { $in: ['one', 'two'] } }, 9)).toBe(2);
    expect(await ids({ n: { $gt: 2, $lt: 8 } }, { n: 1 })).toBe('ab');
    await store.update(collection, 'a', { $pull: { words: 'two' } });
    expect(await ids({ s: 'x', words: 'two' }, { m: -1 })).toBe('b');
  });
};

const refusals = (opened: () => Opened): void => {
  const refused: readonly (readonly [Filter, { sort?: Sort; limit?: number }])[] = [
    [{ m: 1 }, {}],
    [{ m: 1 }, { limit: 10 }],
    [{ flag: true }, { sort: { score: -1 }, limit: 10 }],
    [{ s: 'x' }, { sort: { at: 1 } }],
    [{ s: 'x' }, { sort: { m: -1, at: 1 } }],
    [{ kind: 'k' }, { sort: { at: 1, m: -1 } }],
    [{ kind: 'k' }, { sort: { m: 1 } }],
    [{ s: { $ne: 'x' } }, {}],
    [{ s: { $exists: true } }, {}],
    [{ s: { deep: 1 } }, {}],
    [{}, {}],
    [{}, { sort: { m: 1 }, limit: 1 }],
    [{ _id: { $gt: 'a' } }, { sort: { m: 1 } }],
  ];

  test('what no index serves is refused', async () => {
    const { store, fresh } = opened();
    const collection = await fresh(indexes);
    for (const [filter, options] of refused) {
      const question = JSON.stringify([filter, options]);
      const answer = await store.find(collection, filter, options).catch((error: unknown) => error);
      expect([question, answer]).toEqual([question, expect.any(NoIndex)]);
    }
    await expect(store.count(collection, { m: 1 }, 10)).rejects.toThrow(NoIndex);
    await expect(store.find(collection, { m: 1 })).rejects.toThrow(
      `no index of ${collection} serves a filter on m with a sort on nothing`,
    );
  });
};
