import type { CollectionSpec } from '../../store/documents.ts';
import type { ReadStore } from '../../store/store.ts';
import type { Target } from './target.ts';
import { type Filling, type Translate, translator } from './translation.ts';

/** The read store as a target; projections may be added while it runs. */
export type StoreTarget = Target & { add(filling: Filling): void };

/** Writes to collections of the read store, those of all projections in one batch. */
export const storeTarget = (store: ReadStore, first: readonly Filling[]): StoreTarget => {
  let fillings = [...first];
  let translate: Translate = translator(fillings);
  let prepared: Promise<void> | undefined;
  return {
    add(filling) {
      // One that is there already would be written twice.
      fillings = [
        ...fillings.filter(({ collection }) => collection !== filling.collection),
        filling,
      ];
      translate = translator(fillings);
      prepared = undefined;
    },
    prepare() {
      const preparing = prepared ?? store.prepare(fillings.map(specOf));
      prepared = preparing;
      preparing.catch(() => {
        if (prepared === preparing) prepared = undefined;
      });
      return preparing;
    },
    checkpoint: (collection, partition) => store.checkpoint(collection, partition),
    batch(records, start, plan) {
      const { writes, ...range } = translate(records, start, plan);
      const { partition, from, active } = plan;
      return {
        ...range,
        store: (projections) =>
          store.apply({
            projections,
            partition,
            from,
            to: range.to,
            writes:
              projections.length === active.size
                ? writes
                : writes.filter(({ collection }) => projections.includes(collection)),
          }),
      };
    },
    close: async () => {},
  };
};

const specOf = ({ projection, collection }: Filling): CollectionSpec => ({
  ...projection,
  name: collection,
});
