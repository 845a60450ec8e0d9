import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type Collection, MongoClient } from 'mongodb';
import Type from 'typebox';
import { afterAll, expect, test } from 'vitest';
import { mongoStore } from '../../src/engine/cluster/mongo-store/mongo-store.ts';
import type { Document } from '../../src/store/documents.ts';
import type { ReadStore } from '../../src/store/store.ts';
import { withNumbers } from '../../src/store/times.ts';
import { applyUpdate } from '../../src/store/update.ts';
import { crashContract } from '../contract/read-store/crash.ts';
import { batchOf } from '../contract/read-store/history.ts';
import { timedSchema } from '../contract/read-store/times.ts';
import { plainDocuments, plainUpdates } from '../contract/read-store/updates.ts';
import { readStoreContract } from '../contract/read-store.ts';
import { describeWithMongodb, mongodbUrl } from '../support/fixtures/servers.ts';

const seed = 20_261_124;
const database = `oshi-${randomUUID()}`;

const options = () => ({ url: mongodbUrl(), database });

const withStore = async (use: (store: ReadStore, name: string) => Promise<void>) => {
  const store = await mongoStore(options());
  const name = `c_${randomUUID()}`;
  await use(store, name);
  await store.drop(name);
  await store.close();
};

describeWithMongodb('MongoDB', () => {
  afterAll(async () => {
    const client = new MongoClient(mongodbUrl());
    await client.db(database).dropDatabase();
    await client.db('crash').dropDatabase();
    await client.close();
  });

  readStoreContract('MongoDB', async () => {
    const store = await mongoStore(options());
    const second = await mongoStore(options());
    const close = async () => {
      await Promise.all([store.close(), second.close()]);
    };
    return { store, second, close };
  });

  crashContract(() => ({
    engine: 'mongo',
    place: mongodbUrl(),
    open: () => mongoStore({ url: mongodbUrl(), database: 'crash' }),
  }));
});

describeWithMongodb('MongoDB, deletes', () => {
  test('an insert that a replaced runner does late does not bring back what was deleted', () =>
    withStore(async (store, name) => {
      await store.prepare([{ name, indexes: [{ n: 1 }] }]);
      const insert = { insertOne: { document: { _id: 'x', n: 1 } } };
      const remove = { deleteOne: { filter: { _id: 'x' } } };
      const upsert = {
        updateOne: { filter: { _id: 'x' }, update: { $inc: { n: 1 } }, upsert: true },
      };
      const history = [[insert], [upsert], [remove], [], [insert]];
      const newer = { collection: name, projections: [name] };
      const older = { collection: name, projections: [`${name}-older`] };
      await store.apply(batchOf(history, newer, { from: 0, to: 2 }));
      await store.apply(batchOf(history, newer, { from: 2, to: 4 }));
      await store.apply(batchOf(history, older, { from: 0, to: 1 }));
      await store.apply(batchOf(history, older, { from: 1, to: 2 }));
      expect(await store.get(name, 'x')).toBeUndefined();
      expect(await store.getMany(name, ['x'])).toEqual([]);
      expect(await store.find(name, { n: null })).toEqual([]);
      expect(await store.count(name, {}, 9)).toBe(0);
      await store.apply(batchOf(history, newer, { from: 4, to: 5 }));
      expect(await store.get(name, 'x')).toMatchObject({ n: 1 });
    }));

  test('what is deleted before it was ever written does not come late either', () =>
    withStore(async (store, name) => {
      const insert = { insertOne: { document: { _id: 'x', n: 1 } } };
      const history = [[insert], [{ deleteOne: { filter: { _id: 'x' } } }]];
      const older = { collection: name, projections: [`${name}-older`] };
      await store.apply(
        batchOf(history, { collection: name, projections: [name] }, { from: 0, to: 2 }),
      );
      await store.apply(batchOf(history, older, { from: 0, to: 1 }));
      expect(await store.get(name, 'x')).toBeUndefined();
    }));
});

describeWithMongodb('MongoDB, validators', () => {
  test('the schema of a collection is its validator, and is changed when it changes', () =>
    withStore(async (store, name) => {
      const indexes = [{ s: 1, m: -1 }] as const;
      const schema = Type.Object(
        {
          s: Type.String(),
          m: Type.Integer({ minimum: 1 }),
          at: Type.Optional(Type.Integer()),
          by: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        },
        { additionalProperties: false },
      );
      await store.prepare([{ name, indexes, schema }]);
      await store.prepare([{ name, indexes, schema }]);
      const apply = (document: object, projection: string) => {
        const write = { insertOne: { document: { _id: projection, ...document } } };
        const course = { collection: name, projections: [projection] };
        return store.apply(batchOf([[write]], course, { from: 0, to: 1 }));
      };
      await apply({ s: 'x', m: 2 ** 40, at: 1_700_000_000_000, by: null }, 'fits');
      const remove = [[], [{ deleteOne: { filter: { _id: 'fits' } } }]];
      const course = { collection: name, projections: ['fits'] };
      await store.apply(batchOf(remove, course, { from: 1, to: 2 }));
      const refusal =
        /^MongoDB refuses a document that does not match its collection's schema: .*$/;
      await expect(apply({ s: 'x', m: 1.5 }, 'fraction')).rejects.toThrow(refusal);
      await expect(apply({ s: 'x', m: 0 }, 'small')).rejects.toThrow(refusal);
      await expect(apply({ s: 'x' }, 'incomplete')).rejects.toThrow(refusal);
      await expect(apply({ s: 'x', m: 1, more: 1 }, 'more')).rejects.toThrow(refusal);
      await expect(store.put(name, { _id: 'x', s: 1, m: 1 })).rejects.toThrow(refusal);
      expect(await store.checkpoint('more', 0)).toBe(0);
      await store.prepare([{ name, indexes, schema: Type.Object({ m: Type.Number() }) }]);
      await apply({ m: 1.5, more: 1 }, 'more');
      await store.prepare([{ name, indexes }]);
      await apply({ s: 1 }, 'anything');
      const client = new MongoClient(mongodbUrl());
      const made = await client.db(database).collection(name).indexes();
      await client.close();
      expect(made.map((index) => index.name).sort()).toEqual(['_gone', '_id_', 's_1_m_-1']);
    }));
});

describeWithMongodb('MongoDB, times', () => {
  const raw = async <T>(name: string, use: (collection: Collection<Document>) => Promise<T>) => {
    const client = new MongoClient(mongodbUrl());
    const result = await use(client.db(database).collection<Document>(name));
    await client.close();
    return result;
  };
  const at = Date.UTC(2026, 0, 1);
  const history = [
    [{ insertOne: { document: { _id: 'x', at, n: at } } }],
    [
      {
        updateOne: {
          filter: { _id: 'x' },
          update: { $set: { deep: { at: at + 1 } }, $push: { times: at, list: { at, n: 1 } } },
        },
      },
    ],
    [{ updateOne: { filter: { _id: 'x' }, update: { $max: { at: at + 2 } } } }],
  ];
  const withTimes = { at: at + 2, n: at, deep: { at: at + 1 }, times: [at], list: [{ at, n: 1 }] };

  test('are dates in the collection, where the schema declares them', () =>
    withStore(async (store, name) => {
      await store.prepare([{ name, indexes: [], schema: timedSchema }]);
      const course = { collection: name, projections: [name] };
      await store.apply(batchOf(history, course, { from: 0, to: 1 }));
      await store.apply(batchOf(history, course, { from: 1, to: 3 }));
      expect(await raw(name, (collection) => collection.findOne({}))).toMatchObject({
        ...{ at: new Date(at + 2), n: at, deep: { at: new Date(at + 1) }, times: [new Date(at)] },
        list: [{ at: new Date(at), n: 1 }],
      });
      expect(await store.get(name, 'x')).toMatchObject(withTimes);
      const number = { $set: { at } };
      await expect(raw(name, (it) => it.updateOne({ _id: 'x' }, number))).rejects.toThrow();
    }));

  test('are numbers in a collection of an earlier version, which is read and written beside', () =>
    withStore(async (store, name) => {
      const indexes = [{ kind: 1, at: 1 }] as const;
      const earlier = { name, indexes, schema: withNumbers(timedSchema) };
      const before = await mongoStore(options());
      await before.prepare([earlier]);
      const course = { collection: name, projections: [name] };
      await before.apply(batchOf(history, course, { from: 0, to: 2 }));
      await before.close();
      // Of a process that has not prepared it.
      expect(await store.get(name, 'x')).toMatchObject({ ...withTimes, at });
      await store.apply(batchOf(history, course, { from: 2, to: 3 }));
      expect(await raw(name, (collection) => collection.findOne({}))).toMatchObject(withTimes);
      expect(await store.find(name, { kind: null, at: { $gt: at + 1 } })).toMatchObject([
        withTimes,
      ]);
    }));

  test('a date that no schema declares stays one', () =>
    withStore(async (store, name) => {
      await store.prepare([{ name, indexes: [{ at: 1 }] }]);
      const document = { _id: 'x', at: new Date(at), ms: at };
      const course = { collection: name, projections: [name] };
      await store.apply(batchOf([[{ insertOne: { document } }]], course, { from: 0, to: 1 }));
      expect(await store.get(name, 'x')).toMatchObject(document);
      expect(await raw(name, (collection) => collection.findOne({}))).toMatchObject(document);
    }));
});

describeWithMongodb('MongoDB, updates', () => {
  test(`are what our own engine makes of them (seed ${seed})`, () =>
    withStore(async (store, name) => {
      const law = fc.asyncProperty(
        plainDocuments,
        fc.array(plainUpdates, { minLength: 1, maxLength: 3 }),
        async (document, updates) => {
          await store.put(name, document);
          let expected = document;
          for (const update of updates) {
            expected = applyUpdate(expected, update, false);
            await store.update(name, 'x', update);
          }
          expect(await store.get(name, 'x')).toEqual(expected);
          await store.remove(name, 'x');
          await store.upsert(name, 'x', updates[0] ?? {});
          expect(await store.get(name, 'x')).toEqual(
            applyUpdate({ _id: 'x' }, updates[0] ?? {}, true),
          );
        },
      );
      await fc.assert(law, { seed, numRuns: 300 });
    }));
});
