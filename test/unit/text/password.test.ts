import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preparedPassword } from '../../../src/text/password.ts';

/** RFC 8265, section 4.3, and what else keyboards make of one password. */
test.for([
  ['correct horse battery staple', 'correct horse battery staple'],
  ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
  ['πßå', 'πßå'],
  ['Jack of ♦s', 'Jack of ♦s'],
  ['foo\u1680bar', 'foo bar'],
  ['foo\u3000bar\u00a0', 'foo bar '],
  ['e\u0301te\u0301', 'été'],
  // No other mapping: width, case and compatibility stay.
  ['ｐａｓｓﬁ', 'ｐａｓｓﬁ'],
  ['a\tb\u200b', 'a\tb\u200b'],
] as const)('%j is compared as %j', ([password, prepared]) => {
  expect(preparedPassword(password)).toBe(prepared);
});

const parameters = { seed: 20_261_129, numRuns: 1000 } as const;

test(`all canonical forms of a password are one (seed ${parameters.seed})`, () => {
  const law = fc.property(fc.string({ unit: 'binary' }), (password) => {
    const prepared = preparedPassword(password);
    expect(preparedPassword(prepared)).toBe(prepared);
    expect(preparedPassword(password.normalize('NFD'))).toBe(prepared);
    expect(preparedPassword(password.normalize('NFC'))).toBe(prepared);
  });
  fc.assert(law, parameters);
});
