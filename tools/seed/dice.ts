/** Chance that a seed decides: the same seed gives the same draws, and the same ids. */
export type Dice = {
  /** At least 0, less than 1. */
  next(): number;
  /** An integer of 0 … limit-1. */
  under(limit: number): number;
  /** One of several; there must be one. */
  pick<T>(choices: readonly T[]): T;
  /** A version 7 UUID that carries `at`, in ms since 1970. */
  id(at: number): string;
};

/** Draws from a small generator (mulberry32), good enough for what people might have done. */
export const dice = (seed: number): Dice => {
  let state = seed >>> 0;
  const bits = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = (): number => bits() / 2 ** 32;
  const under = (limit: number): number => Math.floor(next() * limit);
  const hex = (digits: number): string => bits().toString(16).padStart(8, '0').slice(0, digits);
  return {
    next,
    under,
    pick: (choices) => {
      const chosen = choices[under(choices.length)];
      if (chosen === undefined) throw new RangeError('nothing to choose from');
      return chosen;
    },
    id: (at) => {
      const time = at.toString(16).padStart(12, '0');
      const variant = '89ab'[bits() & 3];
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${variant}${hex(3)}-${hex(4)}${hex(8)}`;
    },
  };
};
