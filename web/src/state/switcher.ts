import { fold } from '../../../src/text/fold.ts';
import type { Counts } from './badges.ts';

/** A target of the switcher. */
export type Target = Counts & {
  readonly key: string;
  readonly name: string;
  /** The circle of a stream. */
  readonly within?: string;
};

const shownMax = 12;

const rankOf = (target: Target, words: readonly string[]): number | undefined => {
  const name = fold(target.name);
  const all = fold(`${target.name} ${target.within ?? ''}`);
  if (!words.every((word) => all.includes(word))) return undefined;
  const [first = ''] = words;
  if (name === words.join(' ')) return 0;
  if (name.startsWith(first)) return 1;
  if (name.split(/[\s._-]+/).some((part) => part.startsWith(first))) return 2;
  return name.includes(first) ? 3 : 4;
};

/** The targets that match every word of the query, best first; without a query those with unread messages. */
export const matching = <T extends Target>(targets: readonly T[], query: string): T[] => {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const weight = ({ mentions, unread }: Target) => (mentions > 0 ? 2 : 0) + (unread > 0 ? 1 : 0);
  return targets
    .flatMap((target) => {
      const rank = rankOf(target, words);
      return rank === undefined ? [] : [{ target, rank }];
    })
    .sort((a, b) => (words.length > 0 ? a.rank - b.rank : 0) || weight(b.target) - weight(a.target))
    .slice(0, shownMax)
    .map(({ target }) => target);
};
