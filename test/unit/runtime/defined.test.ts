import { expect, test } from 'vitest';
import { defined } from '../../../src/runtime/defined.ts';

test('fields that are undefined are dropped, others stay in their order', () => {
  const fields = { b: 0, a: undefined, d: null, c: '' };
  expect(Object.entries(defined(fields))).toEqual([
    ['b', 0],
    ['d', null],
    ['c', ''],
  ]);
});
