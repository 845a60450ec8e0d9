import type { CollectionSpec } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per user and stream that they have read in. `_id`: `<user>/<circle>/<stream>`. */
export const markers: CollectionSpec = { name: 'markers', indexes: [] };

/**
 * Up to which message a user has read. `joined`: the position in the log of the membership whose newest message `m`
 * is at or above.
 */
export type Marker = { readonly m: number; readonly joined?: number };

/** The read markers of users: state, not derived from events. Markers never go back. */
export const markerState = (store: ReadStore) => ({
  /** The markers of a user in these streams, by the stream's path. */
  getMany: async (user: string, names: readonly string[]): Promise<Map<string, Marker>> => {
    const rows = await store.getMany(
      markers.name,
      names.map((s) => `${user}/${s}`),
    );
    return new Map(rows.map((row) => [row._id.slice(user.length + 1), row as unknown as Marker]));
  },
  /** Moves a marker forward and returns where it is then. */
  advance: async (
    user: string,
    s: string,
    { m, joined }: { m: number; joined: number },
  ): Promise<number> => {
    const update = { $max: { m }, $set: { joined } };
    const row = await store.upsert(markers.name, `${user}/${s}`, update);
    return (row.m as number | undefined) ?? m;
  },
});
