import { expect, test } from 'vitest';
import { qualified } from '../../../src/text/emoji.ts';
import { emoji, emojiOf } from '../../../web/src/state/emoji.ts';

test('offered emoji are fully qualified', () => {
  expect(emoji.filter(([sign]) => qualified(sign) !== sign)).toEqual([]);
  expect(new Set(emoji.map(([sign]) => sign)).size).toBe(emoji.length);
});

test.each([
  ['❤', '❤️'],
  [' 👍\uFE0F!', '👍'],
  ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['1\u20E3', '1️⃣'],
  ['', undefined],
  ['1', undefined],
  ['ok 👍', undefined],
  ['a\uFE0F', undefined],
])('the first emoji of %j is %j', (typed, first) => {
  expect(emojiOf(typed)).toBe(first);
});

test('accepts any single emoji sequence [H6]', () => {
  expect(emojiOf(' 👩‍👩‍👧 x')).toBe('👩‍👩‍👧');
  expect(emojiOf('❤️')).toBe('❤️');
  expect(emojiOf('7')).toBeUndefined();
  expect(emojiOf('')).toBeUndefined();
});
