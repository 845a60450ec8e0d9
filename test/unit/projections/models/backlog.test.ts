import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backlogQueries } from '../../../../src/projections/models/backlog.ts';
import { messages } from '../../../../src/projections/models/messages.ts';
import { collectionOf } from '../../../../src/projections/projection.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';

const collection = collectionOf(messages);

/** A stream whose messages stand at these places in the log, and how often it was asked. */
const stageOf = async (
  places: readonly number[],
  isMissing: (m: number) => boolean = () => false,
) => {
  const store = memoryStore();
  let queries = 0;
  for (const [index, seq] of places.entries()) {
    const m = index + 1;
    if (!isMissing(m)) await store.put(collection, { _id: `s/${m}`, s: 's', m, seq });
  }
  const counting = {
    ...store,
    find: (...asked: Parameters<typeof store.find>) => {
      queries++;
      return store.find(...asked);
    },
  };
  return { queries: () => queries, ...backlogQueries(counting) };
};

test('the newest message before a place is found, seed 20261127', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 120 }),
      fc.nat(600),
      async (steps, seq) => {
        let place = 0;
        const places = steps.map((step) => {
          place += step;
          return place;
        });
        fc.pre(seq < place);
        const { newestBefore } = await stageOf(places);
        const found = await newestBefore('s', { seq, last: places.length });
        const m = places.filter((each) => each < seq).length;
        expect(found).toEqual({ m, isWhole: true });
      },
    ),
    { seed: 20_261_127, numRuns: 200 },
  ));

test('a thousand messages take five questions', async () => {
  const { newestBefore, queries } = await stageOf(Array.from({ length: 1000 }, (_, at) => at + 1));
  expect((await newestBefore('s', { seq: 500, last: 1000 })).m).toBe(499);
  expect(queries()).toBeLessThanOrEqual(5);
});

test('if a message is missing that was looked for, the answer is not final', async () => {
  const places = Array.from({ length: 10 }, (_, at) => at + 1);
  const { newestBefore } = await stageOf(places, (m) => m === 6);
  expect((await newestBefore('s', { seq: 8, last: 10 })).isWhole).toBe(false);
});
