import { CheckpointMoved, type ReadStore } from '../../../src/store/store.ts';
import { batchOf, type Course, type History } from './history.ts';

/** How a history is followed; `onBatch` is called after each batch. */
export type Following = Course & {
  readonly cut: readonly number[];
  readonly isTwice?: boolean;
  readonly onBatch?: () => void | Promise<void>;
};

/** Applies a history from its checkpoint to its end, as a runner does; goes on where others have come to. */
export const follow = async (store: ReadStore, history: History, following: Following) => {
  const { projections, partition = 0, cut, isTwice = false, onBatch } = following;
  const [projection = ''] = projections;
  for (let turn = 0; ; turn++) {
    const from = await store.checkpoint(projection, partition);
    if (from >= history.length) return;
    const to = Math.min(history.length, from + (cut[turn % cut.length] ?? 1));
    const batch = batchOf(history, following, { from, to });
    await unlessMoved(store.apply(batch));
    if (isTwice && (await unlessMoved(store.apply(batch)))) throw new Error('applied twice');
    await onBatch?.();
  }
};

/** Whether it was applied. */
const unlessMoved = async (applied: Promise<void>): Promise<boolean> => {
  try {
    await applied;
    return true;
  } catch (error) {
    if (!(error instanceof CheckpointMoved)) throw error;
    return false;
  }
};

/** All documents of a collection. */
export const everything = (store: ReadStore, collection: string) =>
  store.find(collection, {}, { limit: 10_000 });
