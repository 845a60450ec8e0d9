import type { CollectionSpec } from '../documents.ts';
import type { ReadStore, StoreToRead } from '../store.ts';

/** One row per session that was used. `_id`: the session's id; `at`: when it was last used, in ms, to the minute. */
export const sessionUses: CollectionSpec = { name: 'session_uses', indexes: [] };

/** When sessions were last used, for reading. */
export const sessionUsesIn = (store: StoreToRead) => ({
  get: async (session: string): Promise<number | undefined> =>
    (await store.get(sessionUses.name, session))?.at as number | undefined,
  getMany: async (sessions: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    const rows = await store.getMany(sessionUses.name, sessions);
    return new Map(rows.map(({ _id, at }) => [_id as string, at as number]));
  },
});

/** When sessions were last used: state, not derived from events. */
export const sessionUseState = (store: ReadStore) => ({
  ...sessionUsesIn(store),
  touch: async (session: string, at: number): Promise<void> => {
    await store.upsert(sessionUses.name, session, { $max: { at } });
  },
});
