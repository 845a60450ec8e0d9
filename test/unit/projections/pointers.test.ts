import { expect, test } from 'vitest';
import { bindToLog, forgetModel } from '../../../src/projections/binding.ts';
import {
  openPointers,
  pointed,
  pointedReader,
  pointersIn,
} from '../../../src/projections/pointers.ts';
import { readerOf } from '../../../src/store/document-reader.ts';
import { origins } from '../../../src/store/origins.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';
import { counts, texts } from '../../support/generators/chatter.ts';

const say = (): void => {};

test('a model is where its name says until its row says otherwise, and until that is heeded', async () => {
  const store = memoryStore();
  const pointers = await openPointers(store);
  expect(pointers.of('texts_v1')).toBe('texts_v1');
  const binding = { incarnation: 'a', projections: [texts, counts], say };
  await bindToLog(store, binding);
  expect(await pointers.refresh()).toEqual([]);
  await store.update(origins.name, 'texts_v1', { $set: { collection: 'texts_v1_r1' } });
  await bindToLog(store, binding);
  expect(await pointers.look()).toContainEqual(
    expect.objectContaining({ _id: 'texts_v1', collection: 'texts_v1_r1' }),
  );
  expect(pointers.of('texts_v1')).toBe('texts_v1');
  const moved = { logical: 'texts_v1', from: 'texts_v1', to: 'texts_v1_r1' };
  expect(await pointers.refresh()).toEqual([moved]);
  expect(await pointers.refresh()).toEqual([]);
  expect(pointers.of('texts_v1')).toBe('texts_v1_r1');
  expect(pointers.of('counts_v1')).toBe('counts_v1');
  expect((await openPointers(store)).of('texts_v1')).toBe('texts_v1_r1');
  expect((await pointersIn(readerOf(store))).of('texts_v1')).toBe('texts_v1_r1');
});

test('every reading method goes through the pointer, and at the moment at which it is called', async () => {
  const store = memoryStore();
  const pointers = await openPointers(store);
  const reads = pointed(store, pointers);
  const reader = pointedReader(readerOf(store), pointers);
  await store.put('texts_v1', { _id: 'x', text: 'before' });
  await store.put('texts_v1_r1', { _id: 'x', text: 'after' });
  const batch = { projections: ['texts_v1_r1'], partition: 0, from: 0, to: 7, writes: [] };
  await store.apply(batch);
  const seen = async () => [
    await reads.get('texts_v1', 'x'),
    ...(await reads.getMany('texts_v1', ['x'])),
    ...(await reads.find('texts_v1', {})),
    await reader.get('texts_v1', 'x'),
    ...(await reader.getMany('texts_v1', ['x'])),
    ...(await reader.page('texts_v1', '', 9)),
  ];
  const all = (text: string) => Array.from({ length: 6 }, () => ({ _id: 'x', text }));
  expect(await seen()).toEqual(all('before'));
  expect(await reader.checkpoint('texts_v1', 0)).toBe(0);
  pointers.set('texts_v1', 'texts_v1_r1');
  expect(await seen()).toEqual(all('after'));
  expect(await reads.count('texts_v1', { text: 'after' }, 9)).toBe(1);
  expect(await reader.checkpoint('texts_v1', 0)).toBe(7);
  // What is written is named as it is.
  expect(await reads.checkpoint('texts_v1', 0)).toBe(0);
  await reads.put('texts_v1', { _id: 'y' });
  expect(await store.get('texts_v1', 'y')).toEqual({ _id: 'y' });
});

test('of a model from another log, and of one that is forgotten, all collections go', async () => {
  const store = memoryStore();
  await bindToLog(store, { incarnation: 'a', projections: [texts], say });
  const fill = async (): Promise<void> => {
    for (const name of ['texts_v1', 'texts_v1_r1', 'texts_v1_r2'])
      await store.put(name, { _id: 'x' });
    const $set = { collection: 'texts_v1_r1', old: 'texts_v1', rebuilding: 'texts_v1_r2' };
    await store.update(origins.name, 'texts_v1', { $set });
  };
  const left = async (): Promise<number> =>
    (await store.count('texts_v1', {}, 9)) +
    (await store.count('texts_v1_r1', {}, 9)) +
    (await store.count('texts_v1_r2', {}, 9));
  await fill();
  const lines: string[] = [];
  const another = {
    incarnation: 'b',
    projections: [texts],
    say: (line: string) => lines.push(line),
  };
  await bindToLog(store, another);
  expect(await left()).toBe(0);
  expect(lines).toHaveLength(1);
  expect(await store.get(origins.name, 'texts_v1')).toEqual({ _id: 'texts_v1', incarnation: 'b' });
  await fill();
  await forgetModel(store, 'texts_v1');
  await forgetModel(store, 'texts_v1');
  expect(await left()).toBe(0);
  expect(await store.get(origins.name, 'texts_v1')).toBeUndefined();
});
