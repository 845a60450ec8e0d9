import { fold } from '../../../src/text/fold.ts';
import { compareNames } from '../../../src/text/order.ts';

/** Somebody who can be mentioned. */
export type Candidate = { readonly id: string; readonly username: string; readonly name: string };

/** A mention that is being typed: where its `@` stands, and what follows it up to the caret. */
export type Begun = { readonly start: number; readonly query: string };

const begun = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{M}\p{N}_.-]{0,32})$/u;

/** The mention that ends at the caret, if one does. */
export const begunMention = (text: string, caret: number): Begun | undefined => {
  const [, query] = begun.exec(text.slice(Math.max(0, caret - 64), caret)) ?? [];
  return query === undefined ? undefined : { start: caret - query.length - 1, query };
};

/** How well somebody fits: 0 best; undefined if not at all. */
const rankOf = ({ username, name }: Candidate, query: string): number | undefined => {
  const words = fold(name);
  if (fold(username).startsWith(query)) return 0;
  if (words.startsWith(query)) return 1;
  if (words.split(/\s+/).some((word) => word.startsWith(query))) return 2;
  return query.length > 1 && fold(username).includes(query) ? 3 : undefined;
};

/** Those who fit, the best first; `recent` are ids of who spoke last, who come first among equals. */
export const completions = (
  candidates: readonly Candidate[],
  query: string,
  { recent = [], max = 8 }: { readonly recent?: readonly string[]; readonly max?: number } = {},
): Candidate[] => {
  const wanted = fold(query);
  const lately = (id: string): number => {
    const place = recent.indexOf(id);
    return place < 0 ? recent.length : place;
  };
  return candidates
    .flatMap((candidate) => {
      const rank = rankOf(candidate, wanted);
      return rank === undefined ? [] : [{ candidate, rank }];
    })
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        lately(a.candidate.id) - lately(b.candidate.id) ||
        compareNames(a.candidate.name, b.candidate.name),
    )
    .slice(0, max)
    .map(({ candidate }) => candidate);
};

/** The text with the mention completed, and where the caret is then. */
export const completed = (
  text: string,
  { start, query }: Begun,
  username: string,
): { readonly text: string; readonly caret: number } => {
  const rest = text.slice(start + 1 + query.length);
  const head = `${text.slice(0, start)}@${username} `;
  return { text: head + rest.replace(/^ /, ''), caret: head.length };
};
