import type { Recorded } from '../events/log.ts';
import type { Projection } from '../projections/projection.ts';
import type { Plan } from '../projections/runner/plan.ts';
import { fillingsOf, type Translate, translator } from '../projections/runner/translation.ts';
import { type DocumentReader, readerOf } from '../store/document-reader.ts';
import type { ReadStore } from '../store/store.ts';

/** By the physical name of a collection: up to which place of each partition it is filled. */
export type Positions = ReadonlyMap<string, readonly number[]>;

/** The read models as the log says that they should be, in a store that nobody else uses. */
export class Shadow {
  readonly reader: DocumentReader;
  readonly #store: ReadStore;
  readonly #until: Positions;
  readonly #translate: Translate;
  /** How far each partition has been applied. */
  readonly #places = new Map<number, number>();

  private constructor(store: ReadStore, projections: readonly Projection[], until: Positions) {
    this.#store = store;
    this.#until = until;
    this.#translate = translator(fillingsOf(projections));
    this.reader = readerOf(store);
  }

  /** An empty one, which will be filled up to these positions. It is read by `_id` alone, so it has no indexes. */
  static async open(
    store: ReadStore,
    projections: readonly Projection[],
    until: Positions,
  ): Promise<Shadow> {
    await store.prepare([...until.keys()].map((name) => ({ name, indexes: [] })));
    return new Shadow(store, projections, until);
  }

  /** Applies the next records of a partition; what lies behind the positions is left out. */
  async take(partition: number, records: readonly Recorded[]): Promise<void> {
    for (let at = 0; at < records.length; ) {
      const course = this.#course(partition);
      if (course.active.size === 0) return;
      const { writes, to, next } = this.#translate(records, at, course);
      at = next;
      const { from, active } = course;
      if (to === from) continue;
      await this.#store.apply({ projections: [...active], partition, from, to, writes });
      this.#places.set(partition, to);
    }
  }

  /** Who goes on from where the partition is, and how far together. */
  #course(partition: number): Plan {
    const from = this.#places.get(partition) ?? 0;
    const ahead = [...this.#until].filter(([, places]) => (places[partition] ?? 0) > from);
    const until = Math.min(...ahead.map(([, places]) => places[partition] ?? 0));
    return { partition, from, until, active: new Set(ahead.map(([name]) => name)) };
  }
}

/** How far these collections have come that a reader shows. */
export const positionsOf = async (
  reader: DocumentReader,
  collections: readonly string[],
  partitions: number,
): Promise<Positions> => {
  const entries = collections.map(async (name) => {
    const places = Array.from({ length: partitions }, (_, partition) =>
      reader.checkpoint(name, partition),
    );
    return [name, await Promise.all(places)] as const;
  });
  return new Map(await Promise.all(entries));
};
