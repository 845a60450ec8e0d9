import { type ReadStore, StoreUnavailable } from '../store/store.ts';
import { pointed } from './pointers.ts';
import { collectionOf, type Projection } from './projection.ts';
import type { Following } from './runner/following.ts';

/**
 * The store for queries: models of a projection that has stopped are not read, since they would deviate more and more
 * from what clients were answered: a removed member would still be one. Such reads reject with `StoreUnavailable`.
 */
export const refusingStopped = (
  store: ReadStore,
  projections: readonly Projection[],
  { failures }: Pick<Following, 'failures'>,
): ReadStore => {
  const names = new Map(projections.map((each) => [collectionOf(each), each.name]));
  const of = (collection: string): string => {
    const name = names.get(collection);
    if (name === undefined || !failures().has(name)) return collection;
    throw new StoreUnavailable(`the read model ${name} has stopped; see the log of the server`);
  };
  return pointed(store, { of });
};
