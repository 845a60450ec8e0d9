import { type ReadStore, StoreUnavailable } from '../store/store.ts';
import { pointed } from './pointers.ts';
import { collectionOf, type Projection } from './projection.ts';
import type { Following } from './runner/following.ts';

export type Readable = Pick<Following, 'failures'> & {
  /** Whether a model, by its name, is being built from the log. */
  readonly isBuilding: (name: string) => boolean;
};

/**
 * The store for queries: models of a projection that has stopped, or that are still being built, are not read, since
 * they deviate from what clients were answered: a removed member would still be one, a circle would have no members.
 * Such reads reject with `StoreUnavailable`.
 */
export const refusingUnreadable = (
  store: ReadStore,
  projections: readonly Projection[],
  { failures, isBuilding }: Readable,
): ReadStore => {
  const names = new Map(projections.map((each) => [collectionOf(each), each.name]));
  const of = (collection: string): string => {
    const name = names.get(collection);
    if (name === undefined) return collection;
    if (failures().has(name)) {
      throw new StoreUnavailable(`the read model ${name} has stopped; see the log of the server`);
    }
    if (isBuilding(name)) {
      throw new StoreUnavailable(`the read model ${name} is being built; /readyz shows how far`);
    }
    return collection;
  };
  return pointed(store, { of });
};
