import { createRequire, syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';
import { settle } from './virtual-time.ts';

type Timers = { setTimeout: (ms: number) => Promise<unknown> };

const timers = createRequire(import.meta.url)('node:timers/promises') as Timers;

/** Until the test ends nobody sleeps: every sleep is over in the next turn. Gives how long they were, in ms. */
export const noSleep = (): readonly number[] => {
  const pauses: number[] = [];
  const { setTimeout } = timers;
  const exchange = (sleep: Timers['setTimeout']): void => {
    timers.setTimeout = sleep;
    syncBuiltinESMExports();
  };
  exchange((ms) => {
    pauses.push(ms);
    return settle();
  });
  onTestFinished(() => exchange(setTimeout));
  return pauses;
};
