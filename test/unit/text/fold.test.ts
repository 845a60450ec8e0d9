import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from '../../../src/text/fold.ts';

test.for([
  ['Ada', 'ADA'],
  ['straße', 'STRASSE'],
  ['ﬁn', 'fin'],
  ['ｗｉｄｅ', 'wide'],
  ['e\u0301va', 'ÉVA'],
  ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ['ꭰꭱ', 'ᎠᎡ'],
  ['Å', 'Å'],
])('%s and %s are one name', ([one, other]) => {
  expect(fold(one ?? '')).toBe(fold(other ?? ''));
});

/** Every letter, mark and digit of the first two planes but one, see below. */
const letters = Array.from({ length: 0x20000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((letter) => letter !== 'ẞ' && /[\p{L}\p{M}\p{N}]/u.test(letter));

test('folding what is folded changes nothing, and upper and lower case fold alike', () => {
  const bad = letters.filter((letter) => {
    const folded = fold(letter);
    const forms = [folded, letter.toUpperCase(), letter.toLowerCase()];
    return forms.some((form) => fold(form) !== folded);
  });
  expect(bad).toEqual([]);
});

// `ẞ` has no other upper case and is lowered to `ß`, while `ß` itself becomes `ss`.
test('ẞ, ß and ss are one name', () => {
  expect(fold('ẞ')).toBe(fold('ß'));
});

const parameters = { seed: 20_261_129, numRuns: 3000 } as const;

test(`folding a folded text changes nothing, nor does how it was composed (seed ${parameters.seed})`, () => {
  const letter = fc.constantFrom(...'aAßẞΣσςİıﬁÅé', '\u0301', '\u0345', ' ', '.', "'", 'ᾳ', 'Ω');
  const text = fc.oneof(fc.string({ unit: letter, maxLength: 8 }), fc.string({ unit: 'binary' }));
  const law = fc.property(text, (each) => {
    const folded = fold(each);
    expect(fold(folded)).toBe(folded);
    expect(fold(each.normalize('NFD'))).toBe(folded);
  });
  fc.assert(law, parameters);
});
