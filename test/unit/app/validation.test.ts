import Type from 'typebox';
import { expect, test } from 'vitest';
import { closed } from '../../../src/app/fields.ts';
import { limits } from '../../../src/app/limits/limits.ts';
import { check, isTooDeep } from '../../../src/app/validation.ts';

const form = check(
  closed({
    id: Type.String(),
    count: Type.Integer({ minimum: 0 }),
    note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    'a/b': Type.Optional(Type.Boolean()),
    inner: Type.Optional(closed({ deep: Type.Integer() })),
  }),
);
const fine = { id: 'x', count: 1 };

test.for([
  ['that is missing', { id: 'x' }, 'count', 'count is missing'],
  ['that is unknown', { ...fine, colour: 'red' }, 'colour', 'colour is not known here'],
  ['that is wrong', { ...fine, count: 'one' }, 'count', 'count must be integer'],
  ['that is out of bounds', { ...fine, count: -1 }, 'count', 'count must be >= 0'],
  ['that fits none of its forms', { ...fine, note: 1 }, 'note', undefined],
  ['whose name has slashes', { ...fine, 'a/b': 1 }, 'a/b', undefined],
  ['that is wrong inside', { ...fine, inner: { deep: 'x' } }, 'inner', undefined],
  ['that is unknown inside', { ...fine, inner: { deep: 1, x: 1 } }, 'inner', undefined],
] as const)('a field %s is named [H6]', ([, value, field, message]) => {
  const violation = form.violation(value);
  expect(violation?.field).toBe(field);
  if (message !== undefined) expect(violation?.message).toBe(message);
});

test('a valid value has no violation', () => {
  expect(form.violation(fine)).toBeUndefined();
  expect(form.violation({ ...fine, note: null, inner: { deep: 1 } })).toBeUndefined();
});

test('a value that is not an object has a violation without a field', () => {
  for (const value of [undefined, null, 1, 'x', true, []]) {
    expect(form.violation(value), String(value)).toEqual({ message: expect.any(String) });
  }
});

test('names that objects are born with are like others: missing or unknown', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const value: unknown = JSON.parse(`{"id":"x","count":1,"${name}":{"x":1}}`);
    expect(form.violation(value)?.field, name).toBe(name);
  }
  const born = check(closed({ constructor: Type.String() }));
  expect(born.violation({})?.field).toBe('constructor');
});

test('many unknown fields are answered by one of them', () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, index]));
  expect(form.violation({ ...fine, ...many })?.message).toMatch(/is not known here$/);
});

const nested = (depth: number, open: '[' | '{"a":', close: ']' | '}'): unknown =>
  JSON.parse(`${open.repeat(depth - 1)}${open === '[' ? '[]' : '{}'}${close.repeat(depth - 1)}`);

test('JSON nests 32 deep, the value itself being the first level [W14] [H6]', () => {
  expect(isTooDeep('text')).toBe(false);
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    expect(isTooDeep(nested(limits.depthMax, open, close))).toBe(false);
    expect(isTooDeep(nested(limits.depthMax + 1, open, close))).toBe(true);
    expect(isTooDeep(nested(10_000, open, close))).toBe(true);
  }
  expect(isTooDeep({ flat: 1, deep: nested(limits.depthMax, '[', ']') })).toBe(true);
});
