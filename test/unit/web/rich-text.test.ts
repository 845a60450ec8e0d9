import { describe, expect, it } from 'vitest';
import { isEmojiOnly, oneLine, withoutMargins } from '../../../web/src/state/rich-text.ts';

it.each([
  ['    if x:\n        y()\n', '    if x:\n        y()'],
  ['\n \t\n  a\n\nb  \n ', '  a\n\nb'],
  [' \n ', ''],
  ['a', 'a'],
])('of %j that is typed %j is sent: the first line keeps its indentation', (typed, sent) => {
  expect(withoutMargins(typed)).toBe(sent);
});

it('a message is shortened to one line', () => {
  expect(oneLine('> **a**  [b](https://x.example)\n\n- c\n```\nd\n```')).toBe('a b - c d');
  expect(oneLine('5 * 3 * 2\n  >.<')).toBe('5 * 3 * 2 >.<');
});

describe('a text of only emoji', () => {
  it('shows a few emoji large, but not digits', () => {
    expect(isEmojiOnly('🌱')).toBe(true);
    expect(isEmojiOnly('❤️ 👩‍👩‍👧')).toBe(true);
    expect(isEmojiOnly('🌱 hi')).toBe(false);
    expect(isEmojiOnly('🇳🇴 4️⃣ ☝🏽')).toBe(true);
    expect(isEmojiOnly('🌱'.repeat(6))).toBe(true);
    expect(isEmojiOnly('🌱'.repeat(7))).toBe(false);
    expect(isEmojiOnly('42')).toBe(false);
    expect(isEmojiOnly('a\ufe0f')).toBe(false);
    expect(isEmojiOnly(' \u200d')).toBe(false);
    expect(isEmojiOnly(`${'🏽'.repeat(40)}x`)).toBe(false);
    expect(isEmojiOnly('👍'.repeat(8_000))).toBe(false);
    expect(isEmojiOnly('')).toBe(false);
  });
});
