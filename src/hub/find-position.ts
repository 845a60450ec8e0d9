import type { Aggregate } from '../events/aggregate.ts';
import { streamPathOf } from '../events/stream-path.ts';
import type { ReadModels } from '../projections/read-models.ts';

/** Finds a position near the beginning of the log from which to read an event stream; 0 if it is not known. */
export type FindPosition = (aggregate: Aggregate, after: number) => Promise<number>;

/** Finds it in the read model of messages; the log finds it itself while the model is unavailable. */
export const findPositionIn =
  (models: Pick<ReadModels, 'messages'>): FindPosition =>
  async (aggregate, after) => {
    const path = streamPathOf(aggregate);
    return path === undefined ? 0 : models.messages.placeBefore(path, after).catch(() => 0);
  };
