import type { ReadStore } from '../../store/store.ts';
import { collectionOf } from '../projection.ts';
import { type MessageRow, messages } from './messages.ts';

/** So many messages are looked at in one step of the search, each one query: few steps, of little each. */
const pivotsMax = 4;

/** The numbers that part what lies between two numbers evenly. */
const pivotsBetween = (low: number, high: number): number[] => {
  const count = Math.min(pivotsMax, high - low - 1);
  const step = (high - low) / (count + 1);
  return Array.from({ length: count }, (_, at) => low + Math.round((at + 1) * step));
};

/** What was posted before a moment, and what came since; nothing of it is kept for this, it is looked up. */
export const backlogQueries = (store: ReadStore) => {
  const collection = collectionOf(messages);
  return {
    /**
     * The number of the newest message of a stream before a place in the log; 0 if there is none. Message `last`
     * is known to stand behind the place. `isWhole`: no message was missing that the search looked for, so the
     * answer is final.
     */
    newestBefore: async (
      s: string,
      { seq, last }: { seq: number; last: number },
    ): Promise<{ readonly m: number; readonly isWhole: boolean }> => {
      let [low, high, isWhole] = [0, last, true];
      while (high - low > 1) {
        const pivots = pivotsBetween(low, high);
        const rows = (await store.find(collection, { s, m: { $in: pivots } })) as MessageRow[];
        if (rows.length < pivots.length) isWhole = false;
        const before = rows.filter((row) => row.seq < seq).map(({ m }) => m);
        low = Math.max(low, ...before);
        high = Math.min(high, ...pivots.filter((m) => m > low));
      }
      return { m: low, isWhole };
    },
    /** How many messages of a stream above `m` were not deleted, counted up to `max`. */
    countAbove: (s: string, m: number, max: number): Promise<number> =>
      store.count(collection, { s, m: { $gt: m }, deleted: { $exists: false } }, max),
  };
};
