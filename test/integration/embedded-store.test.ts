import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indexKeys } from '../../src/engine/embedded/lmdb-store/index-key.ts';
import { embeddedStore } from '../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import { crashContract } from '../contract/read-store/crash.ts';
import { readStoreContract } from '../contract/read-store.ts';

readStoreContract('embedded (LMDB)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oshi-read-models-'));
  const store = await embeddedStore({ path: folder });
  return {
    store,
    second: store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the embedded read store', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oshi-read-models-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  crashContract(() => ({
    engine: 'embedded',
    place: folder,
    open: () => embeddedStore({ path: folder }),
  }));

  test('what was written is there when it is opened again', async () => {
    const spec = { name: 'c', indexes: [{ m: 1 }, { words: 1 }] } as const;
    const before = await embeddedStore({ path: folder });
    await before.prepare([spec]);
    const write = { insertOne: { document: { _id: 'x', m: 1, words: ['one', 'two'] } } };
    const writes = [{ collection: 'c', place: 1, write }];
    await before.apply({ projections: ['c'], partition: 0, from: 0, to: 5, writes });
    await before.close();
    const after = await embeddedStore({ path: folder });
    expect(await after.find('c', { m: 1 })).toMatchObject([{ _id: 'x' }]);
    expect(await after.find('c', { words: 'two' })).toMatchObject([{ _id: 'x' }]);
    expect(await after.checkpoint('c', 0)).toBe(5);
    await after.close();
  });

  test('what was written in the first form is read, found and changed', async () => {
    const spec = { name: 'c', indexes: [{ m: 1 }] } as const;
    await (await embeddedStore({ path: folder })).close();
    const root = open({ path: join(folder, 'read-models.mdb') });
    const document = { _id: 'x', m: 1, deep: { list: [1, 2 ** 40] } };
    await root.openDB('documents c', { keyEncoding: 'binary' }).put(Buffer.from('x'), document);
    const index = { no: 1, index: { m: 1 }, isReady: true } as const;
    const catalogue = { indexes: [index], lists: [] };
    await root.openDB('catalogues', { encoding: 'json' }).put('c', catalogue);
    const entries = root.openDB('entries c', { keyEncoding: 'binary', encoding: 'string' });
    for (const key of indexKeys(index, document)) await entries.put(key, 'x');
    await root.close();

    const store = await embeddedStore({ path: folder });
    await store.prepare([spec]);
    expect(await store.find('c', { m: 1 })).toEqual([document]);
    await store.update('c', 'x', { $set: { m: 2 } });
    expect(await store.find('c', { m: { $gte: 0 } })).toEqual([{ ...document, m: 2 }]);
    await store.close();
  });

  const advice =
    'Make the folder writable, or delete it: Oshi then rebuilds it from the log, without the read markers of users.';

  test('a folder that cannot be used is named in one line that says what to do', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(embeddedStore({ path })).rejects.toThrow(
      new RegExp(`^The read models in ${path} cannot be opened \\(EEXIST.*\\)\\. ${advice}$`),
    );
  });

  test.each([
    ['that is none', (file: string) => writeFile(file, 'something else '.repeat(10_000))],
    ['that was cut', (file: string) => truncate(file, 8_192)],
    ['whose beginning is lost', (file: string) => writeFile(file, Buffer.alloc(8_192))],
  ])('a file %s is refused in one line that says what to do', async (_name, damage) => {
    await (await embeddedStore({ path: folder })).close();
    await damage(join(folder, 'read-models.mdb'));
    const refusal = new RegExp(`^The read models in ${folder} cannot be opened .*\\. ${advice}$`);
    await expect(embeddedStore({ path: folder })).rejects.toThrow(refusal);
  });
});
