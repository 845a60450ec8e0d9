import { expect, test } from 'vitest';
import type { Opened } from './opened.ts';

/** State that is not derived from events: `update`, `upsert`, `put`, `remove`. */
export const stateContract = (opened: () => Opened): void => {
  test('update gives the document as it then is', async () => {
    const { store, second, fresh } = opened();
    const name = await fresh();
    expect(await store.update(name, 'x', { $max: { n: 3 } })).toBeUndefined();
    expect(await store.get(name, 'x')).toBeUndefined();
    expect(await store.upsert(name, 'x', { $max: { n: 3 } })).toEqual({ _id: 'x', n: 3 });
    expect(await store.upsert(name, 'x', { $max: { n: 2 } })).toEqual({ _id: 'x', n: 3 });
    expect(await second.update(name, 'x', { $max: { n: 5 } })).toEqual({ _id: 'x', n: 5 });
    expect(await store.get(name, 'x')).toEqual({ _id: 'x', n: 5 });
  });

  test('many updates of one document at once all count', async () => {
    const { store, second, fresh } = opened();
    const name = await fresh();
    const changes = Array.from({ length: 50 }, (_, at) =>
      (at % 2 === 0 ? store : second).upsert(name, 'x', { $inc: { n: 1 } }),
    );
    const answers = (await Promise.all(changes)).map((document) => Number(document.n));
    expect(answers.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  test('update changes only what is as it is asked to be', async () => {
    const { store, second, fresh } = opened();
    const name = await fresh();
    const absent = { id: 'x', where: { by: { $exists: false } } };
    expect(await store.update(name, absent, { $set: { by: 'a' } })).toBeUndefined();
    expect(await store.get(name, 'x')).toBeUndefined();
    await store.put(name, { _id: 'x', n: 1 });
    const takers = Array.from({ length: 20 }, (_, at) =>
      (at % 2 === 0 ? store : second).update(name, absent, { $set: { by: `${at}` } }),
    );
    const [taken, ...more] = (await Promise.all(takers)).flatMap((document) => document ?? []);
    expect(more).toEqual([]);
    expect(await second.get(name, 'x')).toEqual(taken);
    const other = { id: 'x', where: { by: taken?.by, n: 2 } };
    expect(await store.update(name, other, { $unset: { by: '' } })).toBeUndefined();
    expect(await second.get(name, 'x')).toEqual(taken);
    const own = { id: 'x', where: { by: taken?.by, n: 1 } };
    expect(await store.update(name, own, { $unset: { by: '' } })).toEqual({ _id: 'x', n: 1 });
  });

  test('put replaces, remove forgets', async () => {
    const { store, fresh } = opened();
    const name = await fresh();
    await store.put(name, { _id: 'x', n: 1, gone: true, left: undefined });
    await store.put(name, { _id: 'x', n: 2 });
    expect(await store.get(name, 'x')).toEqual({ _id: 'x', n: 2 });
    await store.remove(name, 'x');
    await store.remove(name, 'x');
    expect(await store.get(name, 'x')).toBeUndefined();
  });
};
