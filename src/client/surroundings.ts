/** Clocks, randomness and timers of the client; replaced in tests. */
export type Surroundings = {
  /** In ms since 1970; may be set forward and back. */
  readonly now: () => number;
  /** Monotonic, in ms. */
  readonly elapsed: () => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Calls back once after `ms`; returns the argument for `clearTimer`. */
  readonly setTimer: (run: () => void, ms: number) => unknown;
  readonly clearTimer: (timer: unknown) => void;
};

/** The platform's clocks, timers and cryptographic randomness. */
export const platform: Surroundings = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as number),
};
