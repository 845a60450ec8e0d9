import fc from 'fast-check';
import { expect, test } from 'vitest';
import { everything, follow } from './following.ts';
import { bare, batchOf, cuts, foldOf, histories } from './history.ts';
import type { Opened } from './opened.ts';

const seed = 20_261_124;

/** Laws of `apply`: whatever is applied again, in whatever portions, by whomever, counts once. */
export const exactlyOnceContract = (opened: () => Opened): void => {
  test(`any portions, twice or after a lost checkpoint, make what the events make in order (seed ${seed})`, async () => {
    const law = fc.asyncProperty(
      histories,
      fc.array(
        fc.record({ cut: cuts, upTo: fc.integer({ min: 0, max: 40 }), isTwice: fc.boolean() }),
        {
          maxLength: 3,
        },
      ),
      cuts,
      async (history, disturbances, cut) => {
        const { store, fresh } = opened();
        const collection = await fresh();
        for (const [run, disturbance] of disturbances.entries()) {
          const course = { collection, projections: [`${collection}-lost-${run}`] };
          const upTo = Math.min(disturbance.upTo, history.length);
          await follow(store, history.slice(0, upTo), { ...course, ...disturbance });
        }
        await follow(store, history, {
          collection,
          projections: [collection],
          cut,
          isTwice: false,
        });
        expect(bare(await everything(store, collection))).toEqual(foldOf(history));
      },
    );
    await fc.assert(law, { seed, numRuns: 60 });
  });

  test(`two that follow the same log at once count each event once (seed ${seed})`, async () => {
    const law = fc.asyncProperty(histories, cuts, cuts, async (history, one, other) => {
      const { store, second, fresh } = opened();
      const collection = await fresh();
      const course = { collection, projections: [collection], isTwice: false };
      await Promise.all([
        follow(store, history, { ...course, cut: one }),
        follow(second, history, { ...course, cut: other }),
      ]);
      expect(bare(await everything(store, collection))).toEqual(foldOf(history));
    });
    await fc.assert(law, { seed, numRuns: 60 });
  });

  test('two partitions may count in one document', async () => {
    const { store, second, fresh } = opened();
    const collection = await fresh();
    const update = {
      updateOne: { filter: { _id: 'all' }, update: { $inc: { n: 1 } }, upsert: true },
    };
    const history = Array.from({ length: 60 }, () => [update]);
    const course = { collection, projections: [collection], isTwice: true };
    await Promise.all([
      follow(store, history, { ...course, partition: 0, cut: [1, 3] }),
      follow(second, history, { ...course, partition: 1, cut: [2] }),
      follow(second, history, { ...course, partition: 2, cut: [5, 1] }),
    ]);
    expect(await store.get(collection, 'all')).toMatchObject({ n: 180 });
  });

  test('a document of another partition keeps its place when it is inserted anew', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const course = { collection, projections: [collection] };
    const insert = [[{ insertOne: { document: { _id: 'x', n: 1 } } }]];
    const count = [[{ updateOne: { filter: { _id: 'x' }, update: { $inc: { n: 1 } } } }]];
    await store.apply(batchOf(insert, { ...course, partition: 0 }, { from: 0, to: 1 }));
    await store.apply(batchOf(count, { ...course, partition: 1 }, { from: 0, to: 1 }));
    const lost = { collection, projections: [`${collection}-lost`] };
    await store.apply(batchOf(insert, { ...lost, partition: 0 }, { from: 0, to: 1 }));
    await store.apply(batchOf(count, { ...lost, partition: 1 }, { from: 0, to: 1 }));
    expect(bare(await everything(store, collection))).toEqual([{ _id: 'x', n: 2 }]);
  });
};
