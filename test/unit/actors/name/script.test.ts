import { expect, test } from 'vitest';
import { hasOneKindOfDigits, isOneScript } from '../../../../src/actors/name/script.ts';

test.for([
  ...[
    'ada',
    'ünïcödé',
    'Ада',
    'Άδα',
    'नमस्ते',
    '用户',
    '한글',
    'ไทย',
    'עדה',
    'عادل',
    'ᎠᏓ',
    'ada_42.x-y',
  ],
  ...[
    'ひらがな',
    'カタカナー',
    '日本語の名',
    'ada日本',
    'adaの',
    '注音ㄅ',
    'x注音ㄅ',
    '漢字한글a',
    '42',
    '..',
  ],
])('%s is in one script, or in scripts that go together', (name) => {
  expect(isOneScript(name)).toBe(true);
});

test.for([
  ...[
    'аdmin',
    'Αlpha',
    'admіn',
    'ᎠԁA',
    'adaไทย',
    'Адаא',
    '한글の',
    '한글ㄅ',
    'のㄅ',
    'Адa',
    'ада日本',
  ],
  // Scripts that nobody writes any more.
  ...['𐌰𐌱', '𒀀𒀁', '𐤀𐤁'],
])('%s is not', (name) => {
  expect(isOneScript(name)).toBe(false);
});

test('digits are of one kind', () => {
  for (const good of ['a1234567890', '٠١٢٣٤٥٦٧٨٩', 'क०९', 'ada', '𝟎𝟗']) {
    expect(hasOneKindOfDigits(good), good).toBe(true);
  }
  for (const bad of ['1٢', '٠۰', '0০', '𝟎𝟘']) expect(hasOneKindOfDigits(bad), bad).toBe(false);
});
