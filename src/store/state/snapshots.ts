import type { Aggregate } from '../../events/aggregate.ts';
import type { Tail } from '../../events/log.ts';
import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';
import { type ListPlace, type ListToSave, savedLists } from './saved-lists.ts';

/**
 * One row per aggregate that has a snapshot, `_id`: the aggregate's name; and rows with the parts of the list that
 * belongs to it, `_id`: `<aggregate>/<slot>/<part>`.
 */
export const snapshots: CollectionSpec = { name: 'snapshots', indexes: [] };

/** The state of an aggregate as of `tail`; its content is opaque. */
export type KeptSnapshot = {
  readonly version: number;
  readonly tail: Tail;
  readonly state: unknown;
};

type LoadedSnapshot = KeptSnapshot & {
  readonly large?: {
    readonly saved: ListPlace;
    readonly parts: readonly (readonly string[])[];
  };
};

type LargeToSave = {
  readonly isWhole: boolean;
  readonly changes: readonly string[];
  readonly saved: ListPlace | undefined;
};

/** Snapshots of one incarnation of the log; those of another are ignored. Stored as JSON. */
export const snapshotState = (
  store: ReadStore,
  { incarnation, onError }: { incarnation: string; onError: (error: Error) => void },
) => {
  const lists = savedLists(store, snapshots.name);

  const load = async (aggregate: Aggregate): Promise<LoadedSnapshot | undefined> => {
    const row = await store.get(snapshots.name, aggregate);
    if (row?.incarnation !== incarnation) return undefined;
    const snapshot = JSON.parse(row.snapshot as string) as KeptSnapshot;
    if (row.list === undefined) return snapshot;
    const list = await lists.load(aggregate, row.list);
    return list && { ...snapshot, large: { saved: list.place, parts: list.parts } };
  };

  /** Where there is a list that was not loaded, since it is of another log, or another writer has changed it. */
  const unread = async (aggregate: Aggregate): Promise<ListPlace | undefined> => {
    const list = (await store.get(snapshots.name, aggregate))?.list;
    return list === undefined ? undefined : lists.placeOf(list);
  };

  const save = async (
    aggregate: Aggregate,
    snapshot: KeptSnapshot,
    large: LargeToSave | undefined,
  ): Promise<ListPlace | undefined> => {
    const row = { _id: aggregate, incarnation, snapshot: JSON.stringify(snapshot) };
    if (!large) {
      await store.put(snapshots.name, row);
      return undefined;
    }
    const { isWhole, changes } = large;
    const saved = large.saved ?? (await unread(aggregate));
    const list: ListToSave = { place: saved, isWhole, entries: changes };
    const place = await lists.save(aggregate, list);
    await store.put(snapshots.name, { ...row, list: lists.entryOf(place) });
    if (isWhole && saved) await lists.remove(aggregate, saved);
    return place;
  };

  return {
    // The log has all of it: without the store, loading only takes longer.
    load: (aggregate: Aggregate) => load(aggregate).catch(() => undefined),
    save: (aggregate: Aggregate, snapshot: KeptSnapshot, large?: LargeToSave) =>
      save(aggregate, snapshot, large).catch((cause: unknown) => {
        onError(new Error(`the snapshot of ${aggregate} could not be saved`, { cause }));
        return undefined;
      }),
  };
};
