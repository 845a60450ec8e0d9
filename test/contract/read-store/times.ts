import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import Type from 'typebox';
import { expect, test } from 'vitest';
import type { Document, Write } from '../../../src/store/documents.ts';
import type { Filter } from '../../../src/store/store.ts';
import { Time } from '../../../src/store/times.ts';
import { bare, batchOf, foldOf, type History } from './history.ts';
import type { Opened } from './opened.ts';

const seed = 20_261_130;

/** Documents with times as fields, in objects, and in lists of both. */
export const timedSchema = Type.Partial(
  Type.Object({
    _id: Type.String(),
    kind: Type.String(),
    n: Type.Integer(),
    at: Time,
    deep: Type.Object({ at: Type.Optional(Time), n: Type.Optional(Type.Integer()) }),
    times: Type.Array(Time),
    list: Type.Array(Type.Object({ at: Time, n: Type.Integer() })),
  }),
);

const indexes = [{ kind: 1, at: 1 }, { 'deep.at': 1 }, { times: 1 }] as const;

const never = Number.MAX_SAFE_INTEGER;
const moments = fc.oneof(
  fc.integer({ min: 0, max: 9 }).map((ms) => Date.UTC(2026, 0, 1) + ms),
  fc.constantFrom(0, -1, never),
);

const write = (_id: string): fc.Arbitrary<Write> => {
  const update = fc.oneof(
    moments.map((at) => ({ $set: { at, kind: 'k' } })),
    moments.map((at) => ({ $set: { deep: { at, n: 1 } } })),
    moments.map((at) => ({ $set: { 'deep.at': at }, $inc: { n: 1, 'deep.n': 1 } })),
    moments.map((at) => ({ $max: { at }, $setOnInsert: { kind: 'l' } })),
    moments.map((at) => ({ $min: { at } })),
    moments.map((at) => ({ $push: { times: at, list: { at, n: 1 } } })),
    moments.map((at) => ({ $addToSet: { times: at, list: { at, n: 2 } } })),
    moments.map((at) => ({ $pull: { times: at, list: { at } } })),
    fc.constant({ $unset: { at: '', 'deep.at': '' } }),
  );
  const document = moments.map((at) => ({ _id, kind: 'k', at, times: [at], list: [{ at, n: 0 }] }));
  return fc.oneof(
    { weight: 2, arbitrary: document.map((inserted) => ({ insertOne: { document: inserted } })) },
    {
      weight: 8,
      arbitrary: update.map((of) => ({
        updateOne: { filter: { _id }, update: of, upsert: true },
      })),
    },
    { weight: 1, arbitrary: fc.constant({ deleteOne: { filter: { _id } } }) },
  );
};

const histories: fc.Arbitrary<History> = fc.array(
  fc.array(fc.constantFrom('a', 'b', 'c').chain(write), { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 20 },
);

type Test = (document: Document) => boolean;

/** Filters by a time, and what they mean. */
const queriesAt = (t: number): readonly (readonly [Filter, Test])[] => {
  const isK = ({ kind }: Document): boolean => kind === 'k';
  const at = (it: Document): number | undefined => it.at as number | undefined;
  const timesOf = ({ times = [] }: Document): readonly number[] => times as number[];
  const deepAt = ({ deep }: Document): number | undefined => (deep as { at?: number })?.at;
  return [
    [{ kind: 'k', at: t }, (it) => isK(it) && at(it) === t],
    [{ kind: 'k', at: { $gt: t } }, (it) => isK(it) && (at(it) ?? -2) > t],
    [{ kind: 'k', at: { $lte: t } }, (it) => isK(it) && (at(it) ?? never) <= t && 'at' in it],
    [{ kind: 'k', at: { $in: [t, t + 1] } }, (it) => isK(it) && [t, t + 1].includes(at(it) ?? -2)],
    [{ kind: 'k', at: { $ne: t } }, (it) => isK(it) && at(it) !== t],
    [{ kind: 'k', at: { $exists: false } }, (it) => isK(it) && !('at' in it)],
    [{ 'deep.at': { $gte: t, $lt: never } }, (it) => between(deepAt(it), t)],
    [{ times: t }, (it) => timesOf(it).includes(t)],
  ];
};

const between = (at: number | undefined, from: number): boolean =>
  at !== undefined && at >= from && at < never;

/** Fields that a schema declares as times are numbers to whoever writes, reads and asks. */
export const timesContract = (opened: () => Opened): void => {
  test(`times are written, changed, read and found as numbers (seed ${seed})`, async () => {
    const law = fc.asyncProperty(histories, fc.nat(19), moments, async (history, cut, t) => {
      const { store, second } = opened();
      const name = `c_${randomUUID()}`;
      await store.prepare([{ name, indexes, schema: timedSchema }]);
      const course = { collection: name, projections: [name] };
      const middle = Math.min(cut, history.length);
      if (middle > 0) await store.apply(batchOf(history, course, { from: 0, to: middle }));
      await store.apply(batchOf(history, course, { from: middle, to: history.length }));
      const expected = foldOf(history);
      for (const each of [store, second]) {
        expect(bare(await each.getMany(name, ['a', 'b', 'c']))).toEqual(expected);
        for (const [filter, isAsked] of queriesAt(t)) {
          const asked = expected.filter(isAsked);
          expect(bare(await each.find(name, filter)), JSON.stringify(filter)).toEqual(asked);
          expect(await each.count(name, filter, 9)).toBe(asked.length);
        }
      }
      const sorted = await second.find(name, { kind: 'k' }, { sort: { at: -1 } });
      const ats = sorted.map(({ at = Number.NEGATIVE_INFINITY }) => at as number);
      expect(ats).toEqual(ats.toSorted((a, b) => b - a));
      await store.drop(name);
    });
    await fc.assert(law, { seed, numRuns: 40 });
  });
};
