import type { Aggregate } from '../../events/aggregate.ts';
import type { Tail } from '../../events/log.ts';
import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per aggregate that has a snapshot. `_id`: the aggregate's name. */
export const snapshots: CollectionSpec = { name: 'snapshots', indexes: [] };

/** A state of an aggregate as it was at `tail`; what is in it is its rules' own affair. */
export type KeptSnapshot = {
  readonly version: number;
  readonly tail: Tail;
  readonly state: unknown;
};

/** Snapshots of one incarnation of the log; those of another are not seen. Kept as JSON, as they were given. */
export const snapshotState = (
  store: ReadStore,
  { incarnation, onError }: { incarnation: string; onError: (error: Error) => void },
) => ({
  load: async (aggregate: Aggregate): Promise<KeptSnapshot | undefined> => {
    // The log has all of it: a store that is away costs time alone.
    const row = await store.get(snapshots.name, aggregate).catch(() => undefined);
    if (row?.incarnation !== incarnation) return undefined;
    return JSON.parse(row.snapshot as string);
  },
  save: async (aggregate: Aggregate, snapshot: KeptSnapshot): Promise<void> => {
    const document = { _id: aggregate, incarnation, snapshot: JSON.stringify(snapshot) };
    await store.put(snapshots.name, document).catch((cause: unknown) => {
      onError(new Error(`no snapshot of ${aggregate} was kept`, { cause }));
    });
  },
});
