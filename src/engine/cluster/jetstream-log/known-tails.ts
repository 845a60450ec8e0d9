import type { Aggregate } from '../../../events/aggregate.ts';
import type { Tail } from '../../../events/log.ts';

/** The tails that this process saw last, some thousands of them. */
export type KnownTails = {
  see(aggregate: Aggregate, tail: Tail): void;
  /** Whether the tail contradicts what was seen at its position. */
  contradicts(aggregate: Aggregate, tail: Tail): boolean;
};

const tailsMax = 10_000;

/**
 * The server compares only positions: a commit after the right position with a wrong number or hash would be stored,
 * and break the chain permanently. That would be a bug of this program; here it is detected for recent tails.
 */
export const knownTails = (): KnownTails => {
  const tails = new Map<Aggregate, Tail>();
  return {
    see(aggregate, tail) {
      tails.delete(aggregate);
      tails.set(aggregate, tail);
      if (tails.size <= tailsMax) return;
      const [oldest] = tails.keys();
      if (oldest !== undefined) tails.delete(oldest);
    },
    contradicts(aggregate, { n, hash, seq }) {
      const known = tails.get(aggregate);
      return known?.seq === seq && (known.n !== n || known.hash !== hash);
    },
  };
};
