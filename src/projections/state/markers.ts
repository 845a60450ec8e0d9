import type { CollectionSpec } from '../projection.ts';
import type { ReadStore } from '../store.ts';

/** One row per person and stream that they have read in. `_id`: `<user>/<circle>/<stream>`; `m`: up to where. */
export const markers: CollectionSpec = { name: 'markers', indexes: [] };

const idOf = (user: string, s: string): string => `${user}/${s}`;

/** How far people have read: state, not derived from events. Markers never go back. */
export const markerState = (store: ReadStore) => ({
  get: async (user: string, s: string): Promise<number> =>
    ((await store.get(markers.name, idOf(user, s)))?.m as number | undefined) ?? 0,
  /** Moves a marker forward and gives where it then is. */
  advance: async (user: string, s: string, m: number): Promise<number> => {
    const row = await store.update(markers.name, idOf(user, s), { $max: { m } }, { upsert: true });
    return (row?.m as number | undefined) ?? m;
  },
});
