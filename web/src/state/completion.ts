import { fold } from '../../../src/text/fold.ts';
import { compareNames } from '../../../src/text/order.ts';

/** A user who can be mentioned. */
export type Candidate = { readonly id: string; readonly username: string; readonly name: string };

/** A mention being typed: the position of its `@`, and the text up to the caret. */
export type TypedMention = { readonly start: number; readonly query: string };

const mentionEnd = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{M}\p{N}_.-]{0,32})$/u;

/** The mention that ends at the caret, if any. */
export const mentionAt = (text: string, caret: number): TypedMention | undefined => {
  const [, query] = mentionEnd.exec(text.slice(Math.max(0, caret - 64), caret)) ?? [];
  return query === undefined ? undefined : { start: caret - query.length - 1, query };
};

/** The rank of a match: 0 is best; undefined: no match. */
const rankOf = ({ username, name }: Candidate, query: string): number | undefined => {
  const words = fold(name);
  if (fold(username).startsWith(query)) return 0;
  if (words.startsWith(query)) return 1;
  if (words.split(/\s+/).some((word) => word.startsWith(query))) return 2;
  return query.length > 1 && fold(username).includes(query) ? 3 : undefined;
};

/** The matching candidates, best first; `recent` are the ids of recent authors, first among equals. */
export const completions = (
  candidates: readonly Candidate[],
  query: string,
  { recent = [], max = 8 }: { readonly recent?: readonly string[]; readonly max?: number } = {},
): Candidate[] => {
  const folded = fold(query);
  const recency = (id: string): number => {
    const index = recent.indexOf(id);
    return index < 0 ? recent.length : index;
  };
  return candidates
    .flatMap((candidate) => {
      const rank = rankOf(candidate, folded);
      return rank === undefined ? [] : [{ candidate, rank }];
    })
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        recency(a.candidate.id) - recency(b.candidate.id) ||
        compareNames(a.candidate.name, b.candidate.name),
    )
    .slice(0, max)
    .map(({ candidate }) => candidate);
};

/** The text with the mention completed, and the new caret position. */
export const completed = (
  text: string,
  { start, query }: TypedMention,
  username: string,
): { readonly text: string; readonly caret: number } => {
  const rest = text.slice(start + 1 + query.length);
  const head = `${text.slice(0, start)}@${username} `;
  return { text: head + rest.replace(/^ /, ''), caret: head.length };
};
