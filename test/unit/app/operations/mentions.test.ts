import { expect, test, vi } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { namedIn, namesIn } from '../../../../src/app/operations/mentions.ts';
import { Refused } from '../../../../src/app/refusals.ts';
import { StoreUnavailable } from '../../../../src/store/store.ts';

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
  ['こんにちは@bobさん', [['bobさん', 'bob']]],
  ['**@bob**, _@ada_\n> @eve', [['bob'], ['ada'], ['eve']]],
  ['https://v.example/@bob [@bob](https://v.example)', []],
  ['`@bob`\n```\n@bob.setter\n```', []],
  ['npm i @bob/core, git@bob:repo.git', []],
  ['deploy+@bob', [['bob']]],
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
  expect(namesIn(`@${'.-'.repeat(30_000)}`)).toEqual([]);
});

/** Where names are looked up: read models that know these, and a log that knows those besides. */
const depsOf = (known: Map<string, string>, logged = new Map<string, string>()) => ({
  models: {
    names: {
      holders: async (names: readonly string[]) =>
        new Map([...known].filter(([name]) => names.includes(name))),
    },
  },
  ready: vi.fn((): Promise<void> => Promise.resolve()),
  actors: {
    holderOf: async (name: string) => {
      const user = logged.get(name) ?? known.get(name);
      return user === undefined ? undefined : { user, at: 0 };
    },
  },
});

const away = () => Promise.reject(new StoreUnavailable('away'));

test('whoever has just taken a name is mentioned once the models show it [H5]', async () => {
  const known = new Map([['ada', 'a']]);
  const deps = depsOf(known);
  deps.ready.mockImplementation(async () => void known.set('bob', 'b'));
  expect(await namedIn(deps, 'hi @ada.')).toEqual([['a']]);
  expect(await namedIn(deps, 'hi all')).toEqual([]);
  expect(deps.ready).not.toHaveBeenCalled();
  expect(await namedIn(deps, '@ada, @bob')).toEqual([['a'], ['b']]);
});

test('models that have fallen behind keep nobody from posting: the log knows who has a name [H5]', async () => {
  const deps = depsOf(new Map([['ada', 'a']]), new Map([['bob', 'b']]));
  deps.ready.mockImplementation(() => Promise.reject(new Refused('unavailable')));
  expect(await namedIn(deps, '@ada @bob @nobody')).toEqual([['a'], ['b'], []]);
});

test('models that are away keep nobody from posting, nor does a log that does not answer [H5]', async () => {
  const deps = depsOf(new Map(), new Map([['ada', 'a']]));
  deps.models.names.holders = away;
  const { holderOf } = deps.actors;
  const never = new Promise<never>(() => undefined);
  deps.actors.holderOf = (name) => (name === 'bob' ? never : holderOf(name));
  expect(await namedIn(deps, '@ada @bob')).toEqual([['a'], []]);
});
