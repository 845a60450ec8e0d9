import { expect, test, vi } from 'vitest';
import { limits } from '../../../src/http/limits.ts';
import { namedIn, namesIn } from '../../../src/http/operations/mentions.ts';
import { Refused } from '../../../src/http/refusals.ts';
import type { ReadModels } from '../../../src/projections/read-models.ts';

test.for([
  ['@ada', [['ada']]],
  ['hi @ada!', [['ada']]],
  ['(@ada)', [['ada']]],
  ['@Ada and @BOB', [['ada'], ['bob']]],
  ['@ada\n@bob', [['ada'], ['bob']]],
  ['😀@ada', [['ada']]],
  ['-@ada', [['ada']]],
  ['@@ada', [['ada']]],
  ['@ada@bob', [['ada']]],
  ['write to ada@example.org', []],
  ['é@ada', []],
  ['7@ada', []],
  ['_@ada', []],
  ['@', []],
  ['@ ada', []],
  ['no name', []],
  ['@ada @ada @ADA', [['ada']]],
  ['@Straße', [['strasse']]],
  ['@用户, hello', [['用户']]],
  ['@a_b-c.d', [['a_b-c.d']]],
])('in %j those who are named are %j [H5]', ([text, names]) => {
  expect(namesIn(text as string)).toEqual(names);
});

test('the longest run comes first, then that without what may be the end of a sentence [H5]', () => {
  expect(namesIn('ask @ada.')).toEqual([['ada.', 'ada']]);
  expect(namesIn('ask @ada.-.')).toEqual([['ada.-.', 'ada']]);
  expect(namesIn('@a.b. @ada_.')).toEqual([
    ['a.b.', 'a.b'],
    ['ada_.', 'ada_'],
  ]);
});

test('at most 50 are named [H5]', () => {
  const text = Array.from({ length: 60 }, (_, index) => `@user${index}`).join(' ');
  const names = namesIn(text);
  expect(names).toHaveLength(limits.mentionsMax);
  expect(names.at(-1)).toEqual(['user49']);
});

test('texts that would be hard to match are matched', () => {
  expect(namesIn('@'.repeat(60_000))).toEqual([]);
  expect(namesIn('@a'.repeat(30_000))).toEqual([]);
  expect(namesIn('@ab'.repeat(20_000))).toEqual([['ab']]);
  expect(namesIn(`@${'.-'.repeat(30_000)}`)).toHaveLength(1);
});

/** Models that know the names of these people. */
const modelsOf = (known: Map<string, string>): ReadModels =>
  ({
    names: {
      holders: async (names: readonly string[]) =>
        new Map([...known].filter(([name]) => names.includes(name))),
    },
  }) as unknown as ReadModels;

test('whoever has just taken a name is mentioned once the models show it [H5]', async () => {
  const known = new Map([['ada', 'a']]);
  const ready = vi.fn(async () => void known.set('bob', 'b'));
  expect(await namedIn(modelsOf(known), 'hi @ada.', ready)).toEqual([['a']]);
  expect(await namedIn(modelsOf(known), 'hi all', ready)).toEqual([]);
  expect(ready).not.toHaveBeenCalled();
  expect(await namedIn(modelsOf(known), '@ada, @bob', ready)).toEqual([['a'], ['b']]);
});

test('models that have fallen behind keep nobody from posting [H5]', async () => {
  const late = () => Promise.reject(new Refused('unavailable'));
  expect(await namedIn(modelsOf(new Map([['ada', 'a']])), '@ada @nobody', late)).toEqual([
    ['a'],
    [],
  ]);
});
