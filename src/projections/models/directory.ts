import * as Type from 'typebox';
import { defined } from '../../runtime/defined.ts';
import type { ReadStore } from '../../store/store.ts';
import { fold } from '../../text/fold.ts';
import { collectionOf, projection } from '../projection.ts';
import type { Page } from './memberships.ts';
import { updated } from './writes.ts';

/** One row per circle that is neither a direct conversation nor deleted. `_id`: the circle's id. */
export const DirectoryRow = Type.Object({
  _id: Type.String(),
  /** Whether it is public. */
  listed: Type.Boolean(),
  /** The prefixes of the words of its name, folded, by each of which it is found. */
  words: Type.Array(Type.String()),
});
export type DirectoryRow = Type.Static<typeof DirectoryRow>;

/**
 * A word is found by its prefixes of at most this length; a name has at most 100 characters, so it has few prefixes.
 */
const beginningMax = 24;

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** From the first to the last character that is not punctuation. */
const unmarked = /\P{P}(?:.*\P{P})?/su;

/** The parts between spaces, without punctuation around them; a part of punctuation alone is kept. */
const runsIn = (text: string): string[] =>
  fold(text)
    .split(/\s+/)
    .map((run) => (/^.$/su.test(run) ? run : (unmarked.exec(run)?.[0] ?? '')))
    .filter((run) => run !== '');

/** The words of a text: the parts between spaces, and the words in them as their script divides them. */
const wordsIn = (text: string): string[] => {
  const segments = [...segmenter.segment(fold(text))];
  return [
    ...runsIn(text),
    ...segments.flatMap(({ segment, isWordLike }) => (isWordLike ? segment : [])),
  ];
};

const cut = (word: string): string => [...word].slice(0, beginningMax).join('');

/** The prefixes by which a name is found. */
export const beginningsIn = (name: string): string[] => {
  const found = new Set<string>();
  for (const word of wordsIn(name)) {
    const characters = [...cut(word)];
    for (let end = 1; end <= characters.length; end++) found.add(characters.slice(0, end).join(''));
  }
  return [...found];
};

/** The terms of a query: each must be among the prefixes of a name. */
export const termsOf = (question: string): string[] => [...new Set(runsIn(question).map(cut))];

/** Finds public circles by words. */
export const directory = projection({
  name: 'directory',
  version: 2,
  indexes: [
    { listed: 1, words: 1, _id: 1 },
    { listed: 1, _id: 1 },
  ],
  schema: DirectoryRow,
  on: {
    'circle-created': ({ d }, { id }) => {
      if (d.kind === 'direct') return [];
      const words = beginningsIn(d.name);
      const document: DirectoryRow = { _id: id, listed: d.visibility === 'public', words };
      return [{ insertOne: { document } }];
    },
    'circle-updated': ({ d }, { id }) => {
      const set = {
        ...(d.visibility !== undefined && { listed: d.visibility === 'public' }),
        ...(d.name !== undefined && { words: beginningsIn(d.name) }),
      };
      return Object.keys(set).length === 0 ? [] : updated(id, { $set: set });
    },
    'circle-deleted': (_, { id }) => [{ deleteOne: { filter: { _id: id } } }],
  },
});

/** Of a query with several words the index serves one: so many rows are read for the others. */
const looksAtMax = 2000;
const looksAtOnce = 500;

export const directoryQueries = (store: ReadStore) => {
  const collection = collectionOf(directory);
  return {
    /**
     * The ids of public circles whose names match all the words of a query, in the order of their ids. A page that is
     * not full continues after `next`, if given.
     */
    page: async (question: string, { after, limit }: Page): Promise<DirectoryPage> => {
      const [first, ...others] = termsOf(question).sort((a, b) => b.length - a.length);
      const atOnce = others.length === 0 ? limit + 1 : looksAtOnce;
      const found: string[] = [];
      let rows: DirectoryRow[];
      let looked = 0;
      let last = after;
      do {
        const filter = {
          listed: true,
          ...(first !== undefined && { words: first }),
          ...(last !== undefined && { _id: { $gt: last } }),
        };
        const options = { sort: { _id: 1 }, limit: atOnce } as const;
        rows = (await store.find(collection, filter, options)) as DirectoryRow[];
        const matching = rows.filter(({ words }) => others.every((word) => words.includes(word)));
        found.push(...matching.map(({ _id }) => _id));
        looked += rows.length;
        last = rows.at(-1)?._id;
      } while (rows.length === atOnce && found.length <= limit && looked < looksAtMax);
      const ids = found.slice(0, limit);
      const next = found.length > limit ? ids.at(-1) : rows.length === atOnce ? last : undefined;
      return { ids, ...defined({ next }) };
    },
  };
};

/** Ids in order, and the one after which the list continues, if it does. */
export type DirectoryPage = { readonly ids: readonly string[]; readonly next?: string };
