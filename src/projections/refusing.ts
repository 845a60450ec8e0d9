import { type ReadStore, StoreUnavailable } from '../store/store.ts';
import { collectionOf, type Projection } from './projection.ts';
import type { Following } from './runner/following.ts';

/**
 * The store as queries may use it: what a projection has made that could not go on is not read, since it would show
 * less and less of what people have been answered: somebody who was removed would still be in. Such reads reject with
 * `StoreUnavailable`; all others are as before.
 */
export const refusingStopped = (
  store: ReadStore,
  projections: readonly Projection[],
  { failures }: Pick<Following, 'failures'>,
): ReadStore => {
  const names = new Map(projections.map((each) => [collectionOf(each), each.name]));
  const check = (collection: string): void => {
    if (failures().size === 0) return;
    const name = names.get(collection);
    if (name === undefined || !failures().has(name)) return;
    throw new StoreUnavailable(
      `the read model ${name} has stopped; the log of the server says why`,
    );
  };
  return {
    ...store,
    async get(collection, id) {
      check(collection);
      return store.get(collection, id);
    },
    async getMany(collection, ids) {
      check(collection);
      return store.getMany(collection, ids);
    },
    async find(collection, filter, options) {
      check(collection);
      return store.find(collection, filter, options);
    },
    async count(collection, filter, max) {
      check(collection);
      return store.count(collection, filter, max);
    },
  };
};
