/** Chance that a seed decides: the same seed gives the same draws. */
export type Chance = {
  /** At least 0, less than 1. */
  next(): number;
  /** An integer of 0 … limit-1. */
  under(limit: number): number;
  /** One of several; there must be one. */
  pick<T>(choices: readonly T[]): T;
};

/** Draws from a small generator (mulberry32), good enough to choose what a test does next. */
export const chance = (seed: number): Chance => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const under = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    under,
    pick: (choices) => {
      const [chosen] = choices.slice(under(choices.length));
      if (chosen === undefined) throw new RangeError('nothing to choose from');
      return chosen;
    },
  };
};
