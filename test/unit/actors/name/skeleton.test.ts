import { expect, test } from 'vitest';
import { isHoldable } from '../../../../src/actors/name/holdable.ts';
import { skeletonKeyOf } from '../../../../src/actors/name/skeleton.ts';
import { isSkeletonKey, nameAggregate, partsOf } from '../../../../src/events/aggregate.ts';

test.for([
  ['adm1n', 'admln', 'admIn', 'adm\u04c0n', 'adm\u0196n', 'adm\u2160n', 'adm\uff11n'],
  ['paypal', 'paypaI', 'PAYPA1'],
  ['paya', '\u0440\u0430\u0443\u0430'],
  ['modern', 'modem'],
  ['b0b', 'bOb', 'b\u043eb', 'bob'],
  ['scope', '\u0455\u0441\u043e\u0440\u0435', 'ѕcope'],
  ['caf\u00e9', 'cafe\u0301'],
  ['Ian', 'lan', '1an'],
])('%s looks like the others', (names) => {
  expect(new Set(names.map(skeletonKeyOf)).size).toBe(1);
});

test('what can be told apart has looks of its own', () => {
  const names = [
    'ada',
    'adam',
    'eva',
    'éva',
    'ian',
    'lan',
    '用户',
    '用戶',
    'user-1',
    'user-2',
    '..',
    '--',
  ];
  expect(new Set(names.map(skeletonKeyOf)).size).toBe(names.length);
});

test('invisible characters change no look', () => {
  expect(skeletonKeyOf('a\u034fd\ufe0fa')).toBe(skeletonKeyOf('ada'));
});

// The keys stand in the log: another table of confusables, or another form of the key, would open old names anew.
test('the key of a look stays what it is', () => {
  expect(skeletonKeyOf('adm1n')).toBe('~W81TlUCWhbPWoe8JfcGfCYezzrquBEugbCMdnf2R3n0');
  expect(skeletonKeyOf('Ünïcödé')).toBe('~G9x0KiIrLdI9Ruj_et94jC34OMzk0TjsgxSQsILCo34');
});

test('the key of a look is nobody’s name, and fits into the name of an aggregate', () => {
  const key = skeletonKeyOf('\ud55c'.repeat(32));
  expect([isSkeletonKey(key), isHoldable(key), isSkeletonKey('ada')]).toEqual([true, false, false]);
  expect(nameAggregate(key)).toBe(`name.${key}`);
  expect(partsOf(nameAggregate(key))).toMatchObject({ kind: 'name', name: key });
});
