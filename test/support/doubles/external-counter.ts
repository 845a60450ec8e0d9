import { type External, type SinkBatch, Unavailable } from '../../../src/projections/projection.ts';

/** Where an external projection for tests keeps its rows: they outlive whoever writes them. */
export type Kept = {
  readonly places: Map<number, number>;
  /** Of each partition the positions and numbers of the events, in the order in which they were stored. */
  readonly stored: Map<number, string[]>;
  readonly batches: SinkBatch[];
  opened: number;
  closed: number;
};

export const nothingKept = (): Kept => ({
  places: new Map(),
  stored: new Map(),
  batches: [],
  opened: 0,
  closed: 0,
});

export type CounterOptions = {
  readonly kept: Kept;
  /** Does something before and after each batch, such as being away or slow. */
  readonly before?: (batch: SinkBatch) => Promise<void> | void;
  readonly after?: (batch: SinkBatch) => Promise<void> | void;
};

/** An external projection that notes each event with where it was, as one that keeps its promises would. */
export const externalCounter = (
  { kept, before, after }: CounterOptions,
  more: Partial<External> = {},
): External => ({
  name: 'counter',
  version: 1,
  async open() {
    kept.opened += 1;
    return {
      position: async (partition) => kept.places.get(partition) ?? 0,
      async store(batch) {
        await before?.(batch);
        const { partition, from, to, events } = batch;
        if ((kept.places.get(partition) ?? 0) !== from)
          throw new Unavailable('another process has stored this');
        kept.places.set(partition, to);
        const lines = events.map(({ position, where, n }) => `${position} ${where.aggregate} ${n}`);
        kept.stored.set(partition, [...(kept.stored.get(partition) ?? []), ...lines]);
        kept.batches.push(batch);
        await after?.(batch);
      },
      async close() {
        kept.closed += 1;
      },
    };
  },
  ...more,
});
