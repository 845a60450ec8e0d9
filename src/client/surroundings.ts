/** Time, chance and the timers that the client runs on; given by tests, otherwise the platform's own. */
export type Surroundings = {
  /** In ms since 1970; it may be set forward and back. */
  readonly now: () => number;
  /** In ms since any moment; it only goes forward. */
  readonly elapsed: () => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Calls back once after `ms`; gives what `clearTimer` takes. */
  readonly setTimer: (run: () => void, ms: number) => unknown;
  readonly clearTimer: (timer: unknown) => void;
};

/** The platform's clock, timers and cryptographic randomness. */
export const platform: Surroundings = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as number),
};
