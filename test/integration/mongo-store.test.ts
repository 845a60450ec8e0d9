import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import Type from 'typebox';
import { afterAll, expect, test } from 'vitest';
import { mongoStore } from '../../src/engine/cluster/mongo-store/mongo-store.ts';
import type { ReadStore } from '../../src/store/store.ts';
import { applyUpdate } from '../../src/store/update.ts';
import { crashContract } from '../contract/read-store/crash.ts';
import { batchOf } from '../contract/read-store/history.ts';
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
