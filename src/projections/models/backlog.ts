import type { ReadStore } from '../../store/store.ts';
import { collectionOf } from '../projection.ts';
import { type MessageRow, messages } from './messages.ts';

/** Messages per step of the search, each one query: few steps, each of little cost. */
const pivotsMax = 4;

/** The numbers that divide an interval evenly. */
const pivotsBetween = (low: number, high: number): number[] => {
  const count = Math.min(pivotsMax, high - low - 1);
  const step = (high - low) / (count + 1);
  return Array.from({ length: count }, (_, at) => low + Math.round((at + 1) * step));
};

/** What was posted before a moment, and what came after it: searched, not stored. */
export const backlogQueries = (store: ReadStore) => {
  const collection = collectionOf(messages);
  return {
    /**
     * The number of the newest message of a stream before a position in the log; 0 if there is none. Message `last`
     * is known to be after it. `isWhole`: no message was missing that the search read, so the result is final.
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
