import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { codecOf } from '../../../../../src/engine/cluster/mongo-store/dates.ts';
import { mongoSchemaOf } from '../../../../../src/store/json-schema.ts';
import { Time } from '../../../../../src/store/times.ts';

const { encode, decode, filter } = codecOf(
  mongoSchemaOf(
    Type.Object({
      at: Time,
      until: Type.Optional(Time),
      edited: Type.Optional(Type.Object({ text: Type.String(), at: Time })),
      seen: Type.Array(Time),
      steps: Type.Array(Type.Object({ at: Time, by: Type.Array(Type.String()) })),
      n: Type.Integer(),
    }),
  ),
);

const ms = Date.UTC(2026, 10, 30, 3, 4, 5, 6);
const date = new Date(ms);

const read = {
  _id: 'x',
  at: ms,
  edited: { text: 't', at: ms },
  seen: [0, ms],
  steps: [{ at: ms, by: ['ann'] }],
  n: ms,
};
const stored = {
  _id: 'x',
  at: date,
  edited: { text: 't', at: date },
  seen: [new Date(0), date],
  steps: [{ at: date, by: ['ann'] }],
  n: ms,
};

describe('documents', () => {
  test('have dates where the schema has times, at any depth, and nowhere else', () => {
    const given = structuredClone(read);
    expect(encode(given)).toEqual(stored);
    expect(given).toEqual(read);
    expect(decode(stored)).toEqual(read);
  });

  test('may be some fields of one', () => {
    expect(encode({ n: 1 })).toEqual({ n: 1 });
    expect(encode({ until: 1 })).toEqual({ until: new Date(1) });
    expect(encode({ edited: { at: 1 } })).toEqual({ edited: { at: new Date(1) } });
  });

  test('with times that are stored as numbers are read as well', () => {
    expect(decode({ at: 5, seen: [6] })).toEqual({ at: 5, seen: [6] });
  });

  test('keep what is no time: an undeclared date, an object or text in the place of one, null', () => {
    const odd = { at: null, edited: 'text', seen: { a: 1 }, made: date, steps: [null, { by: [] }] };
    expect(encode(odd)).toEqual(odd);
    expect(decode(odd)).toEqual(odd);
  });

  test('say "never" by the end of the year 9999', () => {
    const never = { until: Number.MAX_SAFE_INTEGER };
    expect(encode(never)).toEqual({ until: new Date('9999-12-31T23:59:59.999Z') });
    expect(decode(encode(never))).toEqual(never);
    const before = { until: Date.UTC(9999, 11, 31) };
    expect(decode(encode(before))).toEqual(before);
  });
});

test('filters compare times with dates, and all else as before', () => {
  expect(
    filter({
      at: ms,
      until: { $gt: ms, $lte: Number.MAX_SAFE_INTEGER },
      'edited.at': { $in: [1, ms] },
      'steps.at': { $ne: ms },
      seen: { $exists: true },
      edited: { $exists: false },
      n: { $gt: ms },
      'edited.text': 't',
      _id: { $gt: 'a' },
    }),
  ).toEqual({
    at: date,
    until: { $gt: date, $lte: new Date('9999-12-31T23:59:59.999Z') },
    'edited.at': { $in: [new Date(1), date] },
    'steps.at': { $ne: date },
    seen: { $exists: true },
    edited: { $exists: false },
    n: { $gt: ms },
    'edited.text': 't',
    _id: { $gt: 'a' },
  });
});

test('without times in the schema, or without one, everything stays as it is', () => {
  const document = { _id: 'x', at: 5, made: date };
  for (const plain of [
    codecOf(undefined),
    codecOf(mongoSchemaOf(Type.Object({ at: Type.Integer() }))),
  ]) {
    expect(plain.encode(document)).toBe(document);
    expect(plain.decode(document)).toBe(document);
    expect(plain.filter({ at: 5 })).toEqual({ at: 5 });
  }
});
