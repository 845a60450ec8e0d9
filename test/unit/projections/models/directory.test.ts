import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  beginningsIn,
  directory,
  directoryQueries,
  termsOf,
} from '../../../../src/projections/models/directory.ts';
import { collectionOf } from '../../../../src/projections/projection.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { numbered } from '../../../support/generators/chatter.ts';

/** Whether a question finds a name. */
const finds = (question: string, name: string): boolean => {
  const beginnings = new Set(beginningsIn(name));
  return termsOf(question).every((word) => beginnings.has(word));
};

test.each([
  ['tea', 'The TEA house', true],
  ['house the', 'The tea house', true],
  ['hou', 'The tea house', true],
  ['ouse', 'The tea house', false],
  ['tea-house', 'The Tea-House', true],
  ['house', 'The Tea-House', true],
  ['STRASSE', 'Alte Straße', true],
  ['straße', 'ALTE STRAẞE', true],
  ['ΟΔΟΣ', 'η οδός'.normalize('NFD').replace(/\p{M}/gu, ''), true],
  ['ﬁne', 'A fine place', true],
  ['"tea", (house)', 'tea house', true],
  ['c++', 'C++ people', true],
  ['c++', 'C people', false],
  ['東京', '東京の茶', true],
  ['茶', '東京の茶', true],
  ['🐙', 'We 🐙 tea', true],
  ['...', '... and so on', true],
  ['', 'anything', true],
  [' \t', 'anything', true],
  ['x'.repeat(30), 'x'.repeat(40), true],
  ['x'.repeat(24), 'x'.repeat(23), false],
])('%j finds %j: %s', (question, name, isFound) => {
  expect(finds(question, name)).toBe(isFound);
});

test('every name is found by itself, by each of its words, and in any case', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 2, maxLength: 100 });
  fc.assert(
    fc.property(name, (text) => {
      expect(finds(text, text)).toBe(true);
      for (const word of text.split(/\s+/)) expect(finds(word, text)).toBe(true);
      expect(finds(text.toUpperCase(), text)).toBe(true);
    }),
    { seed: 81_32 },
  );
});

test('a name has few beginnings, however long it is', () => {
  expect(beginningsIn('a'.repeat(100))).toHaveLength(24);
  expect(beginningsIn('ab '.repeat(33)).length).toBe(2);
  const distinct = Array.from({ length: 100 }, (_, at) => String.fromCodePoint(0x4e00 + at * 7));
  expect(beginningsIn(distinct.join('')).length).toBeLessThan(200);
});

test('of a question with several words the rows are looked through, a bounded number a page', async () => {
  const store = memoryStore();
  const collection = collectionOf(directory);
  for (let index = 0; index < 2600; index++) {
    const words = ['tea', ...(index % 1300 === 1299 ? ['pot', 'oolong'] : [])];
    await store.put(collection, { _id: numbered(index), listed: true, words });
  }
  const { page } = directoryQueries(store);
  const [one, other] = [numbered(1299), numbered(2599)];
  const first = await page('tea pot', { limit: 5 });
  expect(first).toEqual({ ids: [one], next: numbered(1999) });
  expect(await page('tea pot', { after: numbered(1999), limit: 5 })).toEqual({ ids: [other] });
  expect(await page('tea oolong', { limit: 5 })).toEqual({ ids: [one, other] });
  expect(await page('tea oolong', { limit: 1 })).toEqual({ ids: [one], next: one });
  expect(await page('tea oolong', { after: one, limit: 1 })).toEqual({ ids: [other] });
  expect(await page('tea oolon', { limit: 5 })).toEqual({ ids: [] });
});
