import { describe, expect, test } from 'vitest';
import { bindToLog, forgetEarlier, forgetModel } from '../../../src/projections/binding.ts';
import {
  openPointers,
  pointed,
  pointedReader,
  pointersIn,
} from '../../../src/projections/pointers.ts';
import type { Projection } from '../../../src/projections/projection.ts';
import { claimRebuild } from '../../../src/projections/rebuild/claim.ts';
import { readerOf } from '../../../src/store/document-reader.ts';
import { origins } from '../../../src/store/origins.ts';
import type { ReadStore } from '../../../src/store/store.ts';
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

describe('a version with dates, in a store without', () => {
  const dated: Projection = { ...texts, version: 2, earlier: texts, hasOnlyDatesNew: true };
  const bind = (store: ReadStore, projection: Projection, incarnation = 'a') =>
    bindToLog(store, { incarnation, projections: [projection], say });
  const rowOf = (store: ReadStore, name: string) => store.get(origins.name, name);
  const filled = async (store: ReadStore): Promise<void> => {
    await bind(store, texts);
    const batch = { projections: ['texts_v1'], partition: 0, from: 0, to: 7, writes: [] };
    await store.apply(batch);
  };

  test('takes over the collection of the version before, which is not dropped with that', async () => {
    const store = memoryStore();
    await filled(store);
    await bind(store, dated);
    await forgetEarlier(store, [dated]);
    const { of } = await openPointers(store);
    expect(of('texts_v2')).toBe('texts_v1');
    expect(await store.checkpoint(of('texts_v2'), 0)).toBe(7);
    expect(await rowOf(store, 'texts_v1')).toBeUndefined();
    // A return to the version before, and back again.
    await bind(store, texts);
    expect((await openPointers(store)).of('texts_v1')).toBe('texts_v1');
    await bind(store, dated);
    await forgetEarlier(store, [dated]);
    expect(await store.checkpoint('texts_v1', 0)).toBe(7);
    expect(await rowOf(store, 'texts_v1')).toBeUndefined();
  });

  test('takes over one that was rebuilt, and names the next ones after itself', async () => {
    const store = memoryStore();
    await filled(store);
    const moved = { collection: 'texts_v1_r3', old: 'texts_v1', taken: 'done' };
    await store.update(origins.name, 'texts_v1', { $set: moved });
    await bind(store, dated);
    expect(await rowOf(store, 'texts_v2')).toEqual({ _id: 'texts_v2', incarnation: 'a', ...moved });
    await store.update(origins.name, 'texts_v2', { $unset: { old: '', taken: '' } });
    const claim = { store, logical: 'texts_v2', incarnation: 'a', by: 'me' };
    const claimed = await claimRebuild(claim);
    if (claimed === 'switched') throw new Error('nobody has rebuilt it');
    expect([claimed.live, claimed.fresh]).toEqual(['texts_v1_r3', 'texts_v2_r4']);
    await claimed.abandon();
  });

  test('does not take over what another log has filled, and keeps its own', async () => {
    const store = memoryStore();
    await filled(store);
    await bind(store, dated, 'b');
    expect((await openPointers(store)).of('texts_v2')).toBe('texts_v2');
    await bind(store, texts, 'b');
    await bind(store, dated, 'b');
    expect((await openPointers(store)).of('texts_v2')).toBe('texts_v2');
    await forgetEarlier(store, [dated]);
    expect(await rowOf(store, 'texts_v1')).toBeUndefined();
    expect(await rowOf(store, 'texts_v2')).toEqual({ _id: 'texts_v2', incarnation: 'b' });
  });

  test('has a collection of its own where there are dates, or more has changed', async () => {
    const withDates = { ...memoryStore(), hasDates: true };
    const { hasOnlyDatesNew: _, ...changed } = dated;
    for (const [store, projection] of [
      [withDates, dated],
      [memoryStore(), changed],
    ] as const) {
      await filled(store);
      await bind(store, projection);
      expect((await openPointers(store)).of('texts_v2')).toBe('texts_v2');
      expect(await rowOf(store, 'texts_v1')).toBeDefined();
    }
  });
});
