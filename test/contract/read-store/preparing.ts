import { expect, test } from 'vitest';
import { NoIndex } from '../../../src/store/store.ts';
import type { Opened } from './opened.ts';

/** `prepare`, `drop`. */
export const preparationContract = (opened: () => Opened): void => {
  test('preparing again changes nothing, and adds an index to what is there', async () => {
    const { store, second, fresh } = opened();
    const name = await fresh([{ s: 1 }]);
    for (let n = 0; n < 2_500; n++) {
      await store.put(name, {
        _id: `d${String(n).padStart(5, '0')}`,
        s: n % 2,
        m: n,
        tags: [n, 'all'],
      });
    }
    await store.prepare([{ name, indexes: [{ s: 1 }] }]);
    await expect(store.find(name, { m: 7 })).rejects.toThrow(NoIndex);
    await store.prepare([{ name, indexes: [{ s: 1 }, { m: 1 }, { tags: 1 }] }]);
    for (const each of [store, second]) {
      expect(await each.find(name, { m: 7 })).toMatchObject([{ _id: 'd00007' }]);
      expect(await each.count(name, { m: { $gte: 500 } }, 9_999)).toBe(2_000);
      expect(await each.count(name, { s: 1 }, 9_999)).toBe(1_250);
      expect(await each.count(name, {}, 9_999)).toBe(2_500);
      expect(await each.count(name, {}, 7)).toBe(7);
      expect(await each.count(name, { tags: 'all' }, 9_999)).toBe(2_500);
    }
    await store.drop(name);
    await store.prepare([{ name, indexes: [{ m: 1 }] }]);
    expect(await store.count(name, {}, 9_999)).toBe(0);
    expect(await store.count(name, { m: { $gte: 0 } }, 9_999)).toBe(0);
  });

  test('what is written while an index is built is in it', async () => {
    const { store, fresh } = opened();
    const name = await fresh();
    for (let n = 0; n < 1_500; n++) await store.put(name, { _id: `d${n}`, m: n });
    await Promise.all([
      store.prepare([{ name, indexes: [{ m: 1 }] }]),
      store.update(name, 'd1', { $set: { m: -1 } }),
      store.put(name, { _id: 'new', m: -1 }),
      store.remove(name, 'd1499'),
    ]);
    expect(await store.count(name, { m: -1 }, 9)).toBe(2);
    expect(await store.count(name, { m: { $gte: 0 } }, 9_999)).toBe(1_498);
  });

  test('drop forgets documents, indexes and checkpoints', async () => {
    const { store, fresh } = opened();
    const name = await fresh([{ m: 1 }]);
    const other = await fresh([{ m: 1 }]);
    const write = { insertOne: { document: { _id: 'x', m: 1 } } };
    for (const collection of [name, other]) {
      for (const partition of [0, 1]) {
        const batch = { projections: [collection], partition, from: 0, to: 1 };
        await store.apply({ ...batch, writes: [{ collection, place: 1, write }] });
      }
    }
    await store.drop(name);
    await store.drop(name);
    expect(await store.get(name, 'x')).toBeUndefined();
    expect(await store.checkpoint(name, 0)).toBe(0);
    expect(await store.checkpoint(name, 1)).toBe(0);
    await expect(store.find(name, { m: 1 })).rejects.toThrow(NoIndex);
    await store.prepare([{ name, indexes: [{ m: 1 }] }]);
    expect(await store.find(name, { m: 1 })).toEqual([]);
    expect(await store.find(other, { m: 1 })).toMatchObject([{ _id: 'x' }]);
    expect(await store.checkpoint(other, 1)).toBe(1);
  });
};
