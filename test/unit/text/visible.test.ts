import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlain, nameRules, visible } from '../../../src/text/visible.ts';

const parameters = { seed: 20_261_129, numRuns: 1000 } as const;
const isName = (text: string): boolean => nameRules.every(({ test: fits }) => fits(text));

test('plain text is well-formed and without U+0000', () => {
  expect(['a', '', '👍', '\u0001'].map(isPlain)).toEqual([true, true, true, true]);
  expect(['\ud800', '\udc00a', 'a\u0000'].map(isPlain)).toEqual([false, false, false]);
});

test.for([
  ...['', ' ', '\t\n', '\u00a0\u3000', '\u0007', '\u200b', '\u200e', '\ufe0f', '\u00ad', '\u2800'],
  ...['\u3164', '\u115f\u1160', '\uffa0', '\u{e0001}', '\u{e0fff}', '\u2029', '\u180e', '\ufff9'],
  ...['\u{1d159}', '\u{13430}', '\u{16fe4}'],
])('%j cannot be seen', (text) => {
  expect(visible.test(text)).toBe(false);
});

test.for(['a', ' . ', '\u200b!', '👍', '\u0301', '\u0600', '\ue000', '\u{2fffd}', '한', '\ufffc'])(
  '%j can be seen',
  (text) => {
    expect(visible.test(text)).toBe(true);
  },
);

const ignorable = fc
  .integer({ min: 0, max: 0x10ffff })
  .map((code) => (code < 0xd800 || code > 0xdfff ? String.fromCodePoint(code) : ' '))
  .filter((sign) => /[\p{Default_Ignorable_Code_Point}\s]/u.test(sign));

test(`what Unicode says to ignore is never seen, however much of it (seed ${parameters.seed})`, () => {
  const nothing = fc.string({ unit: ignorable });
  fc.assert(
    fc.property(nothing, (text) => {
      expect(visible.test(text)).toBe(false);
      expect(isName(text)).toBe(false);
      expect(visible.test(`${text}x`)).toBe(true);
    }),
    parameters,
  );
});

test.for([
  ...['Ada Lovelace', 'Ünïcödé', '用户', 'Łódź 👍', '👩‍👩‍👧 us', '❤️', '1️⃣st', 'C++', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 fans'],
  ...['عبد الله', 'דוד', 'می\u200cخواهم', 'مَ\u200cن', 'क्\u200dष', 'ශ්\u200dරී', 'ന്\u200d'],
  ...['渡\u{e0100}邉', 'ᠠ\u180bᠪ', 'ᠠ\u180eᠠ', ' x ', 'a\u00a0b', '☎'],
])('%j is a name', (text) => {
  expect(isName(text)).toBe(true);
});

test.for([
  ...[
    '\u200b',
    'a\u200bb',
    'a\u200db',
    'Auf\u200clage',
    '\u200dक',
    'क\u200d\u200d',
    'a\u00ad',
    'a\ufe0f',
  ],
  ...['a\u202eb', '\u200fa', 'a\u061c', '\u2066a\u2069', 'a\nb', 'a\tb', 'a\u0085', 'a\u2028b'],
  ...[
    'a\u034f',
    'a\u{e0061}',
    '\ufeffa',
    'a\u{e0100}',
    '❤\ufe0f\ufe0f',
    'a\u180b',
    '\u3164',
    'a\u3164',
  ],
])('%j is no name', (text) => {
  expect(isName(text)).toBe(false);
});
