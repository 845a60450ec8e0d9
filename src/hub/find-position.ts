import type { Aggregate } from '../events/aggregate.ts';
import { streamPathOf } from '../events/stream-path.ts';
import type { ReadModels } from '../projections/read-models.ts';

/** Finds a position in the log at or before the events after `after`, from which to read; 0 if it is not known. */
export type FindPosition = (aggregate: Aggregate, after: number) => Promise<number>;

/** Uses the read model of messages. While that is unavailable, the log has to search by itself. */
export const findPositionIn =
  (models: Pick<ReadModels, 'messages'>): FindPosition =>
  async (aggregate, after) => {
    const path = streamPathOf(aggregate);
    return path === undefined ? 0 : models.messages.placeBefore(path, after).catch(() => 0);
  };
