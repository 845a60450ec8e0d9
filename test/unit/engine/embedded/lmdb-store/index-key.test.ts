import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  idIn,
  indexKeys,
  keyStretch,
} from '../../../../../src/engine/embedded/lmdb-store/index-key.ts';
import { textLengthMax } from '../../../../../src/engine/embedded/lmdb-store/key-tail.ts';
import type { Index } from '../../../../../src/store/documents.ts';
import type { Scalar } from '../../../../../src/store/index-choice.ts';

const seed = 20_261_124;

const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    '',
    '\0',
    'a',
    'a\0',
    'a\u0001',
    'é',
    '\uffff',
    '😀',
  ),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);

const keyOf = (index: Index, a: Scalar, b: Scalar): Buffer =>
  indexKeys({ no: 7, index }, { _id: 'x', a, b })[0] ?? Buffer.alloc(0);

/** As MongoDB compares: by type, then numbers as numbers and texts by their bytes. */
const compare = (a: Scalar, b: Scalar): number => {
  const types = ['object', 'number', 'string', 'boolean'];
  const order = types.indexOf(typeof a) - types.indexOf(typeof b);
  if (order !== 0) return Math.sign(order);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  return (
    Math.sign(Number(a) - Number(b)) ||
    Number(Number(a) > Number(b)) - Number(Number(a) < Number(b))
  );
};

const directions = fc.constantFrom<1 | -1>(1, -1);
const pairs = fc.record({ a: scalars, b: scalars });

describe('index keys', () => {
  test(`sort as their values do, field by field, each in its direction (seed ${seed})`, () => {
    const indexes = fc.record({ a: directions, b: directions });
    const law = fc.property(indexes, pairs, pairs, (index, one, other) => {
      const expected = index.a * compare(one.a, other.a) || index.b * compare(one.b, other.b);
      const order = Buffer.compare(keyOf(index, one.a, one.b), keyOf(index, other.a, other.b));
      expect(order + 0).toBe(expected + 0);
    });
    fc.assert(law, { seed, numRuns: 5_000 });
  });

  test(`lie in the stretch of their range, and no others do (seed ${seed})`, () => {
    const operators = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
    const ranges = fc.record({ operator: operators, end: scalars, direction: directions });
    const law = fc.property(pairs, ranges, ({ a, b }, { operator, end, direction }) => {
      const index: Index = { a: 1, b: direction };
      const { start, end: stop } = keyStretch({ no: 7, index }, [a], { [operator]: end });
      const key = keyOf(index, a, b);
      const isIn = Buffer.compare(start, key) <= 0 && Buffer.compare(key, stop) < 0;
      const order = compare(b, end);
      const fits = { $gt: order > 0, $gte: order >= 0, $lt: order < 0, $lte: order <= 0 }[operator];
      expect(isIn).toBe(fits === true && typeof b === typeof end);
    });
    fc.assert(law, { seed, numRuns: 5_000 });
  });

  test('end with the _id, and a list has one for each element', () => {
    const index: Index = { a: 1 };
    const [first, second, ...others] = indexKeys(
      { no: 1, index },
      { _id: 'id', a: ['x', 'y', 'x'] },
    );
    expect(others).toEqual([]);
    expect([first, second].map((key) => key?.subarray(-2).toString())).toEqual(['id', 'id']);
    expect(indexKeys({ no: 1, index }, { _id: 'id', a: [] })).toEqual(
      indexKeys({ no: 1, index }, { _id: 'id' }),
    );
  });

  test(`tell the _id that they end with (seed ${seed})`, () => {
    const indexes = fc.record({ a: directions, b: directions });
    const ids = fc.string({ unit: 'grapheme', minLength: 1 });
    const law = fc.property(indexes, pairs, ids, (index, { a, b }, _id) => {
      const [key = Buffer.of()] = indexKeys({ no: 7, index }, { _id, a, b });
      expect(idIn({ no: 7, index }, key)).toBe(Buffer.from(_id).toString());
    });
    fc.assert(law, { seed, numRuns: 5_000 });
  });

  test('that are cut tell no _id', () => {
    const index: Index = { a: 1, b: -1 };
    for (const isShort of [false, true]) {
      const form = { no: 1, index, isShort };
      const [key = Buffer.of()] = indexKeys(form, { _id: 'x', a: 'text', b: 'text' });
      for (const end of [4, 9, 12]) expect(idIn(form, key.subarray(0, end))).toBe('');
    }
  });

  test('stay short however long a text is', () => {
    const [key] = indexKeys(
      { no: 1, index: { a: 1, b: -1 } },
      { _id: 'x', a: '日'.repeat(9_999), b: '\0'.repeat(9_999) },
    );
    expect(key?.length).toBeLessThan(1_200);
  });

  test('paths lead into documents', () => {
    const index: Index = { 'a.b': 1 };
    const at = (document: object) => indexKeys({ no: 1, index }, { _id: 'x', ...document });
    expect(at({ a: { b: 1 } })).not.toEqual(at({}));
    expect(at({ a: 1 })).toEqual(at({}));
    expect(at({ a: { b: { c: 1 } } })).toEqual(at({}));
    expect(at(JSON.parse('{"a":{"__proto__":1}}'))).toEqual(at({}));
  });
});

describe('index keys with a short tail', () => {
  test(`tell the _id that is left out (seed ${seed})`, () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\0', 'a\0b', 'x'.repeat(textLengthMax), 'x'.repeat(textLengthMax + 1)),
    );
    const parts = fc.record({ a: texts, rest: texts, isContinued: fc.boolean() });
    const indexes = fc.oneof(
      fc.record({ a: directions, _id: directions }),
      fc.record({ a: directions, b: directions }),
      fc.record({ b: directions, a: directions }),
    );
    const law = fc.property(indexes, parts, (index, { a, rest, isContinued }) => {
      const _id = Buffer.from(isContinued ? `${a}/${rest}` : `/${rest}`).toString();
      const short = { no: 7, index, isShort: true };
      const [key = Buffer.of()] = indexKeys(short, { _id, a, b: 1 });
      expect(idIn(short, key)).toBe(_id);
    });
    fc.assert(law, { seed, numRuns: 5_000 });
  });

  test('say nothing twice', () => {
    const lengthOf = (index: Index, isShort: boolean) =>
      indexKeys({ no: 1, index, isShort }, { _id: 'stream/message', s: 'stream' })[0]?.length ?? 0;
    for (const [index, saved] of [
      [{ s: 1 }, 'stream/'],
      [{ s: -1 }, 'stream/'],
      [{ s: 1, _id: 1 }, 'stream/message'],
    ] as const) {
      // One byte says in which form the tail is.
      expect(lengthOf(index, false) - lengthOf(index, true)).toBe(saved.length - 1);
    }
  });
});
