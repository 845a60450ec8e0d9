import { sleep } from '../../runtime/timers.ts';
import { Refused } from '../refusals.ts';

/** Resolves with the promise; refuses with `unavailable` if it takes longer than `ms`. */
export const withinMs = async <T>(promise: Promise<T>, ms: number): Promise<T> => {
  const over = new AbortController();
  const late = sleep(ms, { ref: false, signal: over.signal }).then(() => {
    throw new Refused('unavailable', { retryAfter: ms });
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
};
