import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eventKey } from '../../../src/events/event-key.ts';
import type { Document, Write } from '../../../src/store/documents.ts';
import { appliedField, type Batch, CheckpointMoved } from '../../../src/store/store.ts';
import { bare } from './history.ts';
import type { Opened } from './opened.ts';

/** Operators, what a write that has no effect does, and checkpoints. */
export const applyContract = (opened: () => Opened): void => {
  operators(opened);
  effects(opened);
  contents(opened);
  checkpoints(opened);
};

const operators = (opened: () => Opened): void => {
  const start = { _id: 'x', n: 5, text: 'b', list: [1, 2, 2], deep: { n: 1, kept: true } };
  test.each([
    [
      '$set',
      { $set: { n: 6, fresh: [{ a: null }], 'deep.n': 2 } },
      { n: 6, fresh: [{ a: null }], deep: { n: 2, kept: true } },
    ],
    ['$set of a path that is not there', { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
    [
      '$unset',
      { $unset: { text: '', 'deep.n': '', missing: '' } },
      { text: undefined, deep: { kept: true } },
    ],
    [
      '$inc',
      { $inc: { n: -7, fresh: 2, 'deep.n': 1.5 } },
      { n: -2, fresh: 2, deep: { n: 2.5, kept: true } },
    ],
    ['$max', { $max: { n: 4, text: 'c', fresh: 1 } }, { text: 'c', fresh: 1 }],
    ['$min', { $min: { n: 4, text: 'c', fresh: 1 } }, { n: 4, fresh: 1 }],
    ['$push', { $push: { list: 3, fresh: 'a' } }, { list: [1, 2, 2, 3], fresh: ['a'] }],
    [
      '$push of several, cut',
      { $push: { list: { $each: [3, 4], $slice: -3 } } },
      { list: [2, 3, 4] },
    ],
    ['$pull', { $pull: { list: 2 } }, { list: [1] }],
    ['$addToSet', { $addToSet: { list: 1, fresh: 'a' } }, { fresh: ['a'] }],
    [
      '$setOnInsert on what is there',
      { $setOnInsert: { n: 9 }, $set: { text: 'c' } },
      { text: 'c' },
    ],
    [
      'several operators',
      { $set: { text: 'c' }, $inc: { n: 1 }, $unset: { deep: '' } },
      { text: 'c', n: 6, deep: undefined },
    ],
    ['undefined', { $set: { n: undefined, text: 'c' } }, { text: 'c' }],
  ] as const)('%s', async (_name, update, changed) => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const apply = applierOf(opened(), collection);
    await apply([{ insertOne: { document: start } }]);
    await apply([{ updateOne: { filter: { _id: 'x' }, update } }]);
    const found = await store.get(collection, 'x');
    expect(found && bare([found])).toEqual([{ ...start, ...changed }]);
  });
};

const effects = (opened: () => Opened): void => {
  test('an upsert creates what is not there, with $setOnInsert', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const apply = applierOf(opened(), collection);
    const update = { $inc: { n: 1 }, $setOnInsert: { first: true } };
    await apply([{ updateOne: { filter: { _id: 'x' }, update, upsert: true } }]);
    await apply([{ updateOne: { filter: { _id: 'x' }, update, upsert: true } }]);
    expect(await store.get(collection, 'x')).toMatchObject({ _id: 'x', n: 2, first: true });
  });

  test('an update and a delete of what is not there change nothing', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const apply = applierOf(opened(), collection);
    await apply([{ updateOne: { filter: { _id: 'x' }, update: { $set: { n: 1 } } } }]);
    await apply([{ deleteOne: { filter: { _id: 'y' } } }]);
    expect(await store.getMany(collection, ['x', 'y'])).toEqual([]);
    expect(await store.find(collection, {}, { limit: 10 })).toEqual([]);
    expect(await store.count(collection, {}, 10)).toBe(0);
  });

  test('insert, update, delete and insert in one batch', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const apply = applierOf(opened(), collection);
    const insert = (n: number): Write => ({ insertOne: { document: { _id: 'x', n } } });
    const update: Write = { updateOne: { filter: { _id: 'x' }, update: { $inc: { n: 1 } } } };
    const remove: Write = { deleteOne: { filter: { _id: 'x' } } };
    await apply([insert(1), update, remove]);
    expect(await store.get(collection, 'x')).toBeUndefined();
    await apply([insert(5), update, remove, insert(7), update]);
    expect(await store.get(collection, 'x')).toMatchObject({ n: 8 });
    await apply([remove]);
    expect(await store.get(collection, 'x')).toBeUndefined();
    await apply([update]);
    await apply([insert(1)]);
    expect(await store.get(collection, 'x')).toMatchObject({ n: 1 });
  });
};

const contents = (opened: () => Opened): void => {
  test('every document carries the place of the last event that changed it', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const place = eventKey(2 ** 33, 511);
    const writes = [{ collection, place, write: { insertOne: { document: { _id: 'x' } } } }];
    await store.apply({ projections: [collection], partition: 3, from: 0, to: 2 ** 33, writes });
    expect(await store.get(collection, 'x')).toEqual({ _id: 'x', [appliedField]: { 3: place } });
  });

  test('any text is kept as it is, and __proto__ is harmless', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const apply = applierOf(opened(), collection);
    const text = 'naïve 😀 \u0000 \u202e नमस्ते __proto__';
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":1}') as object;
    const update = {
      $set: {
        text,
        map: hostile,
        ['__proto__']: 1,
        '__proto__.polluted': 1,
        'map.__proto__.polluted': 1,
        'constructor.prototype.polluted': 1,
      },
    };
    await apply([{ insertOne: { document: { _id: text, ...hostile, text } as Document } }]);
    await apply([{ updateOne: { filter: { _id: text }, update } }]);
    await apply([
      {
        updateOne: {
          filter: { _id: text },
          update: { $inc: { n: 1 }, $push: { list: '__proto__' } },
        },
      },
    ]);
    const found = await store.get(collection, text);
    expect(found).toMatchObject({ _id: text, text, n: 1, list: ['__proto__'] });
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(found?.map)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
};

const checkpoints = (opened: () => Opened): void => {
  test('a checkpoint begins at 0 and moves for each projection of the batch', async () => {
    const { store, second, fresh } = opened();
    const name = await fresh();
    const both = [name, `${name}-other`];
    expect(await store.checkpoint(name, 0)).toBe(0);
    await store.apply({ ...nothing, projections: both, from: 0, to: 7 });
    await store.apply({ ...nothing, projections: [name], from: 7, to: 9 });
    await store.apply({ ...nothing, projections: [name], partition: 1, from: 0, to: 2 ** 40 });
    expect(await second.checkpoint(name, 0)).toBe(9);
    expect(await second.checkpoint(`${name}-other`, 0)).toBe(7);
    expect(await second.checkpoint(name, 1)).toBe(2 ** 40);
  });

  test('a batch that does not begin at the checkpoint is refused', async () => {
    const { store, fresh } = opened();
    const name = await fresh();
    await store.apply({ ...nothing, projections: [name], from: 0, to: 7 });
    await expect(store.apply({ ...nothing, projections: [name], from: 3, to: 9 })).rejects.toThrow(
      CheckpointMoved,
    );
    await expect(store.apply({ ...nothing, projections: [name], from: 0, to: 9 })).rejects.toThrow(
      CheckpointMoved,
    );
    await expect(store.apply({ ...nothing, projections: [name], from: 8, to: 9 })).rejects.toThrow(
      CheckpointMoved,
    );
    expect(await store.checkpoint(name, 0)).toBe(7);
  });

  test('a collection that a failing batch named first is as good as any', async () => {
    const { store } = opened();
    const collection = `c_${randomUUID()}`;
    const apply = applierOf(opened(), collection);
    const wrong: Write = {
      updateOne: { filter: { _id: 'x' }, update: { $set: { _id: 'y' } }, upsert: true },
    };
    await expect(apply([wrong])).rejects.toThrow('_id');
    await apply([{ insertOne: { document: { _id: 'x', n: 1 } } }]);
    await store.prepare([{ name: collection, indexes: [{ n: 1 }] }]);
    expect(await store.find(collection, { n: 1 })).toMatchObject([{ _id: 'x' }]);
  });

  test('a write that throws leaves the checkpoint, and what others write at that moment', async () => {
    const { store, fresh } = opened();
    const collection = await fresh();
    const wrong: Write = {
      updateOne: { filter: { _id: 'x' }, update: { $set: { _id: 'y' } }, upsert: true },
    };
    const first: Write = { insertOne: { document: { _id: 'first' } } };
    const [refused] = await Promise.allSettled([
      applierOf(opened(), collection)([first, wrong]),
      store.put(collection, { _id: 'other', n: 1 }),
    ]);
    expect(refused.status).toBe('rejected');
    expect(await store.checkpoint(collection, 0)).toBe(0);
    expect(await store.get(collection, 'first')).toBeUndefined();
    expect(await store.get(collection, 'other')).toMatchObject({ n: 1 });
  });
};

const nothing = { partition: 0, writes: [] } satisfies Partial<Batch>;

/** Applies writes, one event each, where the last call ended. */
const applierOf = ({ store }: Opened, collection: string) => {
  let from = 0;
  return async (writes: readonly Write[]): Promise<void> => {
    const to = from + writes.length;
    const placed = writes.map((write, at) => ({ collection, write, place: from + at + 1 }));
    await store.apply({ projections: [collection], partition: 0, from, to, writes: placed });
    from = to;
  };
};
