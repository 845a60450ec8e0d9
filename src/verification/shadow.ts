import type { Recorded } from '../events/log.ts';
import type { Projection } from '../projections/projection.ts';
import type { Plan } from '../projections/runner/plan.ts';
import { fillingsOf, translator } from '../projections/runner/translation.ts';
import { type DocumentReader, readerOf } from '../store/document-reader.ts';
import type { ReadStore } from '../store/store.ts';

/** By the physical name of a collection: its checkpoint in each partition. */
export type Positions = ReadonlyMap<string, readonly number[]>;

/** The read models rebuilt from the log, in a store of their own. */
export type Shadow = {
  readonly reader: DocumentReader;
  /** Applies the next records of a partition; those after the positions are left out. */
  take(partition: number, records: readonly Recorded[]): Promise<void>;
};

/** An empty one, to be filled up to these positions. It is read by `_id` alone, so it has no indexes. */
export const openShadow = async (
  store: ReadStore,
  projections: readonly Projection[],
  until: Positions,
): Promise<Shadow> => {
  await store.prepare([...until.keys()].map((name) => ({ name, indexes: [] })));
  const translate = translator(fillingsOf(projections));
  /** The position up to which each partition was applied. */
  const applied = new Map<number, number>();
  return {
    reader: readerOf(store),
    async take(partition, records) {
      for (let at = 0; at < records.length; ) {
        const plan = planOf(until, partition, applied.get(partition) ?? 0);
        if (plan.active.size === 0) return;
        const { writes, to, next } = translate(records, at, plan);
        at = next;
        const { from, active } = plan;
        if (to === from) continue;
        await store.apply({ projections: [...active], partition, from, to, writes });
        applied.set(partition, to);
      }
    },
  };
};

/** The collections that continue from the partition's position, and how far together. */
const planOf = (positions: Positions, partition: number, from: number): Plan => {
  const ahead = [...positions].filter(([, places]) => (places[partition] ?? 0) > from);
  const until = Math.min(...ahead.map(([, places]) => places[partition] ?? 0));
  return { partition, from, until, active: new Set(ahead.map(([name]) => name)) };
};

/** The checkpoints of the collections that a reader reads. */
export const positionsOf = async (
  reader: DocumentReader,
  collections: readonly string[],
  partitions: number,
): Promise<Positions> => {
  const entries = collections.map(async (name) => {
    const positions = Array.from({ length: partitions }, (_, partition) =>
      reader.checkpoint(name, partition),
    );
    return [name, await Promise.all(positions)] as const;
  });
  return new Map(await Promise.all(entries));
};
