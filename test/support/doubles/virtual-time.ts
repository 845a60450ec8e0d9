import type { Surroundings } from '../../../src/client/surroundings.ts';

/** Lets every promise that can go on go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export type VirtualTime = Surroundings & {
  /** Moves the clock on and runs the timers that fall due, each at its time. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forward or back; nothing else goes by it. */
  setWallClock(ms: number): void;
  /** How many timers are set. */
  pending(): number;
};

type Timer = { readonly run: () => void; readonly at: number };

/** A clock that stands still until the test moves it, and chance that is always `chance`. */
export const virtualTime = (chance: () => number = () => 0.5): VirtualTime => {
  let now = 1_700_000_000_000;
  let wallAhead = 0;
  const timers = new Set<Timer>();
  const nextUntil = (end: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now + wallAhead,
    elapsed: () => now,
    setWallClock(ms) {
      wallAhead += ms;
    },
    random: chance,
    setTimer(run, ms) {
      const timer: Timer = { run, at: now + ms };
      timers.add(timer);
      return timer;
    },
    clearTimer(timer) {
      timers.delete(timer as Timer);
    },
    async advance(ms) {
      const end = now + ms;
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settle();
      }
      now = end;
      await settle();
    },
    pending: () => timers.size,
  };
};
