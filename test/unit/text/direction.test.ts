import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isolate } from '../../../src/text/direction.ts';

const parameters = { seed: 20_261_129, numRuns: 2000 } as const;

test.for([
  ['Ada Lovelace', 'Ada Lovelace'],
  ['用户 👩‍👩‍👧', '用户 👩‍👩‍👧'],
  ['عبد', '\u2068عبد\u2069'],
  ['12 דוד', '\u206812 דוד\u2069'],
  ['\u{1e900}', '\u2068\u{1e900}\u2069'],
  // As names of earlier versions may be.
  ['eve\u202e', 'eve'],
  ['\u2067\u2067דוד\u2069', '\u2068דוד\u2069'],
  ['\u2069\u2069', ''],
  ['a\nb\u2029\u0007c', 'a b  c'],
] as const)('%j stands in a sentence as %j', ([name, shown]) => {
  expect(isolate(name)).toBe(shown);
});

/** How deep the directions are that a text leaves open (UAX #9, X1-X8); a paragraph ends them all. */
const levelAfter = (text: string): number => {
  const open: string[] = [];
  for (const sign of text) {
    if ('\n\r\u0085\u2029'.includes(sign)) open.length = 0;
    else if (/[\u202a\u202b\u202d\u202e]/.test(sign)) open.push('embedding');
    else if (/[\u2066-\u2068]/.test(sign)) open.push('isolate');
    else if (sign === '\u202c' && open.at(-1) === 'embedding') open.pop();
    else if (sign === '\u2069') {
      const at = open.lastIndexOf('isolate');
      if (at < 0) return Number.NaN;
      open.length = at;
    }
  }
  return open.length;
};

test(`a name leaves the direction as it was, whatever is in it (seed ${parameters.seed})`, () => {
  const part = fc.constantFrom(
    ...['a', 'א', 'ع', '1', ' ', '\n', '\u2029', '\u200f', '\u061c', '\u202a', '\u202b', '\u202c'],
    ...['\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '👍'],
  );
  const law = fc.property(fc.string({ unit: part }), (name) => {
    const shown = isolate(name);
    expect(levelAfter(shown)).toBe(0);
    expect(levelAfter(`\u2067${shown}`)).toBe(1);
    expect(isolate(shown)).toBe(shown);
    const rest = shown.replace(/^\u2068|\u2069$/g, '');
    expect(rest).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cc}]/u);
  });
  fc.assert(law, parameters);
});
