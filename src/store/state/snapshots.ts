import type { Aggregate } from '../../events/aggregate.ts';
import type { Tail } from '../../events/log.ts';
import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per aggregate that has a snapshot. `_id`: the aggregate's name. */
export const snapshots: CollectionSpec = { name: 'snapshots', indexes: [] };

/** The state of an aggregate as of `tail`; its content is opaque. */
export type KeptSnapshot = {
  readonly version: number;
  readonly tail: Tail;
  readonly state: unknown;
};

/** Snapshots of one incarnation of the log; those of another are ignored. Stored as JSON. */
export const snapshotState = (
  store: ReadStore,
  { incarnation, onError }: { incarnation: string; onError: (error: Error) => void },
) => ({
  load: async (aggregate: Aggregate): Promise<KeptSnapshot | undefined> => {
    // The log has all of it: without the store, loading only takes longer.
    const row = await store.get(snapshots.name, aggregate).catch(() => undefined);
    if (row?.incarnation !== incarnation) return undefined;
    return JSON.parse(row.snapshot as string);
  },
  save: async (aggregate: Aggregate, snapshot: KeptSnapshot): Promise<void> => {
    const document = { _id: aggregate, incarnation, snapshot: JSON.stringify(snapshot) };
    await store.put(snapshots.name, document).catch((cause: unknown) => {
      onError(new Error(`the snapshot of ${aggregate} could not be saved`, { cause }));
    });
  },
});
