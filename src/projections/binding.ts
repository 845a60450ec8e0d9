import { collectionIn, type Origin, origins } from '../store/origins.ts';
import { runState } from '../store/state/runs.ts';
import type { ReadStore } from '../store/store.ts';
import { collectionOf, modelOf, type Projection } from './projection.ts';

/** More rows than there ever are. */
const rowsMax = 1_000;

export type BindingOptions = {
  readonly incarnation: string;
  readonly projections: readonly Projection[];
  /** Called with one line when read models are discarded. */
  readonly say: (line: string) => void;
};

/**
 * Binds the read models to this log. Those of another log, such as one that was restored from a backup, are discarded
 * and rebuilt: positions of one log mean nothing in another. A version that stores the same as the one before takes
 * over its collection.
 */
export const bindToLog = async (
  store: ReadStore,
  { incarnation, projections, say }: BindingOptions,
): Promise<void> => {
  await store.prepare([origins]);
  for (const projection of projections) {
    const _id = collectionOf(projection);
    const row = await originIn(store, _id);
    const before = await undated(store, projection);
    if (before && !row && before.incarnation === incarnation) {
      await store.put(origins.name, { ...before, _id, collection: collectionIn(before) });
      await store.remove(origins.name, before._id);
      continue;
    }
    // With a second row, as after a return to the version before, the collection would be dropped as the earlier one.
    if (before && row?.collection === collectionIn(before)) {
      await store.remove(origins.name, before._id);
    }
    if (row?.incarnation === incarnation) continue;
    if (row) {
      say(`The read model ${projection.name} was built from another log; it will be rebuilt.`);
      await dropAll(store, row);
    }
    await store.put(origins.name, { _id, incarnation });
  }
};

/** The row of the version before, if this store stores the same for both. */
const undated = async (
  store: ReadStore,
  { earlier, hasOnlyDatesNew = false }: Projection,
): Promise<Origin | undefined> =>
  earlier && hasOnlyDatesNew && !store.hasDates
    ? originIn(store, collectionOf(earlier))
    : undefined;

const originIn = async (store: ReadStore, collection: string): Promise<Origin | undefined> =>
  (await store.get(origins.name, collection)) as Origin | undefined;

/** Drops all collections of a read model, including one that is being rebuilt, and then its row. */
export const forgetModel = async (store: ReadStore, collection: string): Promise<void> => {
  const row = await originIn(store, collection);
  if (!row) return;
  await dropAll(store, row);
  await store.remove(origins.name, collection);
};

/**
 * Drops the versions before these of the same projections, their rows and what was reported of them. A later version,
 * which another version of the program has built, is kept.
 */
export const forgetEarlier = async (
  store: ReadStore,
  projections: readonly Projection[],
): Promise<void> => {
  const versions = new Map(projections.map(({ name, version }) => [name, version]));
  for (const { _id } of await rowsIn(store)) {
    const model = modelOf(_id);
    if (!model || model.version >= (versions.get(model.name) ?? 0)) continue;
    await forgetModel(store, _id);
    await runState(store).forget(_id);
  }
};

/** Records which models, by logical name, a server is filling: no other process rebuilds them meanwhile. */
export const noteBuilding = async (
  store: ReadStore,
  logical: ReadonlySet<string>,
): Promise<void> => {
  for (const row of await rowsIn(store)) {
    const building = logical.has(row._id);
    if (building === (row.building ?? false)) continue;
    const change = building
      ? { $set: { building }, $unset: { filled: '' } }
      : { $unset: { building: '' } };
    await store.update(origins.name, row._id, change);
  }
};

const rowsIn = async (store: ReadStore): Promise<Origin[]> =>
  (await store.find(origins.name, {}, { sort: { _id: 1 }, limit: rowsMax })) as Origin[];

const dropAll = async (store: ReadStore, row: Origin): Promise<void> => {
  for (const name of [collectionIn(row), row.old, row.rebuilding]) {
    if (name !== undefined) await store.drop(name);
  }
};
