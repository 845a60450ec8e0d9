import fc from 'fast-check';
import { update as updateInPlace } from 'mingo/updater';
import { describe, expect, test } from 'vitest';
import type { Document, Update } from '../../../src/store/documents.ts';
import { applyUpdate, applyWrite } from '../../../src/store/update.ts';
import { plainDocuments, plainUpdates } from '../../contract/read-store/updates.ts';

const seed = 20_261_124;

const byMingo = (document: Document, { $setOnInsert, ...update }: Update): Document => {
  const changed = structuredClone(document);
  updateInPlace(changed, structuredClone(update));
  return changed;
};

describe('an update', () => {
  test(`but for $pull is what mingo makes of it (seed ${seed})`, () => {
    const law = fc.property(plainDocuments, plainUpdates, (document, { $pull: _, ...update }) => {
      const before = structuredClone(document);
      expect(applyUpdate(document, update, false)).toEqual(byMingo(document, update));
      expect(document).toEqual(before);
    });
    fc.assert(law, { seed, numRuns: 1_000 });
  });

  const odd = { _id: 'x', n: 5, text: 'b', list: [1, 2, 2], none: null, map: { a: 1 }, flag: true };
  test.each<[Update]>([
    [{ $inc: { text: 1, list: 1, none: 1, map: 1, flag: 1 } }],
    [{ $max: { text: 1, list: 1, none: 1, map: 1, flag: false } }],
    [{ $min: { text: 1, list: 1, none: 1, map: 1, flag: false } }],
    [{ $max: { n: 'text', text: null, fresh: [1], n2: { a: 1 } } }],
    [{ $push: { n: 1, none: 1, fresh: [1] } }],
    [{ $addToSet: { n: 1, none: 1, fresh: { a: 1 } } }],
    [{ $pull: { n: 1, list: { $gte: 2 }, missing: 1 } }],
    [{ $unset: { missing: '', 'map.b': '', 'list.0': '' } }],
    [{ $push: { list: { $each: [9, 8], $position: 0, $sort: 1 } } }],
    [{ $mul: { n: 3 }, $rename: { text: 'words' }, $pop: { list: 1 } }],
    [{ $set: { 'map.a': [{ b: 1 }], 'new.deep.path': 1 }, $inc: { 'map.count': 1 } }],
  ])("that does not fit what is there is mingo's matter: %j", (update) => {
    expect(applyUpdate(odd, update, false)).toEqual(byMingo(odd, update));
  });

  test('shares nothing that it changes with the document before', () => {
    const before = { _id: 'x', map: { list: [1], kept: { a: 1 } }, list: [{ a: 1 }] };
    const frozen = deepFrozen(before);
    const after = applyUpdate(
      frozen,
      { $push: { 'map.list': 2, list: { a: 2 } }, $set: { 'list.0.a': 3 } },
      false,
    );
    expect(after).toMatchObject({ map: { list: [1, 2], kept: { a: 1 } } });
    expect(before).toEqual({ _id: 'x', map: { list: [1], kept: { a: 1 } }, list: [{ a: 1 }] });
  });

  test('adds a value to a set once, as MongoDB does and mingo does not', () => {
    const update = { $addToSet: { fresh: { $each: ['a', 'a'] }, list: 'a' } };
    expect(applyUpdate({ _id: 'x', list: [1, 1] }, update, false)).toEqual({
      _id: 'x',
      fresh: ['a'],
      list: [1, 1, 'a'],
    });
  });

  test('pulls equal values, and objects with equal fields, as MongoDB does and mingo does not', () => {
    const list = [1, { k: 1, more: 1 }, { k: 2 }, [1], null, 1];
    const pull = (value: unknown) =>
      applyUpdate({ _id: 'x', list }, { $pull: { list: value } }, false).list;
    expect(pull(1)).toEqual([{ k: 1, more: 1 }, { k: 2 }, [1], null]);
    expect(pull({ k: 1 })).toEqual([1, { k: 2 }, [1], null, 1]);
    expect(pull(null)).toEqual([1, { k: 1, more: 1 }, { k: 2 }, [1], 1]);
  });

  test('refuses another _id and an unknown operator', () => {
    expect(() => applyUpdate({ _id: 'x' }, { $set: { _id: 'y' } }, false)).toThrow('_id');
    expect(() => applyUpdate({ _id: 'x' }, { $nonsense: { a: 1 } }, false)).toThrow('$nonsense');
  });

  test('does not reach into prototypes', () => {
    const update = JSON.parse(
      '{"$set":{"__proto__":{"evil":1},"__proto__.evil":1,"a.__proto__.evil":1,"constructor.prototype.evil":1,"toString":1}}',
    ) as Update;
    const after = applyUpdate({ _id: 'x', a: {} }, update, false);
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
    expect(after).toMatchObject({ _id: 'x', toString: 1 });
    expect('evil' in {} || 'evil' in (() => {})).toBe(false);
    expect(applyUpdate({ _id: 'x' }, { $inc: { constructor: 1 } }, false)).toEqual({
      _id: 'x',
      constructor: 1,
    });
  });
});

describe('an update of a field of an object', () => {
  const counts = fc.dictionary(fc.constantFrom('a', '👍', 'b️', '7'), fc.integer(), { maxKeys: 3 });
  const paths = fc.constantFrom('map.a', 'map.👍', 'map.b️', 'map.c', 'map.7', 'map.a.b', 'other.a');
  const deep = (value: fc.Arbitrary<unknown>) => fc.dictionary(paths, value, { maxKeys: 1 });
  test(`is what mingo makes of it (seed ${seed})`, () => {
    const map = fc.oneof(counts, fc.constantFrom(null, 5, [1]));
    const update = fc.oneof(
      fc.record({ $inc: deep(fc.integer()) }),
      fc.record({ $set: deep(fc.oneof(fc.integer(), counts)) }),
      fc.record({ $unset: deep(fc.constant('')) }),
    );
    const law = fc.property(map, update, (held, change) => {
      const document = deepFrozen({ _id: 'x', map: held });
      expect(applyUpdate(document, change, false)).toEqual(byMingo(document, change));
    });
    fc.assert(law, { seed, numRuns: 500 });
  });
});

describe('a write', () => {
  test('insert takes the place of what is there, without undefined', () => {
    const document = { _id: 'x', n: 1, nothing: undefined };
    expect(Object.keys(applyWrite({ _id: 'x', m: 1 }, { insertOne: { document } }) ?? {})).toEqual([
      '_id',
      'n',
    ]);
  });

  test('update changes what is there, and makes a document only by upsert', () => {
    const filter = { _id: 'x' };
    const update = { $inc: { n: 1 }, $setOnInsert: { first: 1 } };
    expect(applyWrite(undefined, { updateOne: { filter, update } })).toBeUndefined();
    expect(applyWrite(undefined, { updateOne: { filter, update, upsert: true } })).toEqual({
      _id: 'x',
      n: 1,
      first: 1,
    });
    expect(applyWrite({ _id: 'x', n: 1 }, { updateOne: { filter, update, upsert: true } })).toEqual(
      { _id: 'x', n: 2 },
    );
  });

  test('delete leaves nothing', () => {
    const write = { deleteOne: { filter: { _id: 'x' } } };
    expect(applyWrite({ _id: 'x' }, write)).toBeUndefined();
    expect(applyWrite(undefined, write)).toBeUndefined();
  });
});

const deepFrozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null)
    Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
};
