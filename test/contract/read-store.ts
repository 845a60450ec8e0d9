import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import type { ReadStore } from '../../src/store/store.ts';
import { applyContract } from './read-store/applying.ts';
import { exactlyOnceContract } from './read-store/exactly-once.ts';
import type { Opened } from './read-store/opened.ts';
import { preparationContract } from './read-store/preparing.ts';
import { queryContract } from './read-store/querying.ts';
import { snapshotContract } from './read-store/snapshots.ts';
import { stateContract } from './read-store/state.ts';
import { timesContract } from './read-store/times.ts';

export type OpenedStores = {
  readonly store: ReadStore;
  /** The same data by another way; the same store if there is only one. */
  readonly second: ReadStore;
  close(): Promise<void>;
};

/** What every read store promises. `open` gives one that holds nothing yet. */
export const readStoreContract = (name: string, open: () => Promise<OpenedStores>): void => {
  describe(`a read store: ${name}`, () => {
    let stores: OpenedStores | undefined;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(async () => {
      await stores?.close();
    });
    const opened = (): Opened => {
      if (!stores) throw new Error('the store is not open');
      const { store, second } = stores;
      return {
        store,
        second,
        fresh: async (indexes = []) => {
          const collection = `c_${randomUUID()}`;
          await store.prepare([{ name: collection, indexes }]);
          return collection;
        },
      };
    };
    describe('apply', () => applyContract(opened));
    describe('exactly once', () => exactlyOnceContract(opened));
    describe('find and count', () => queryContract(opened));
    describe('prepare and drop', () => preparationContract(opened));
    describe('times', () => timesContract(opened));
    describe('state', () => stateContract(opened));
    describe('snapshots', () => snapshotContract(opened));
  });
};
