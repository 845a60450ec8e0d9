import type { Presence } from '../../../src/client/objects.ts';

/** The members of a circle who are online; all others are offline. */
export type Present = ReadonlyMap<string, 'online' | 'idle'>;

export const presentOf = ({ online, idle }: Presence): Present =>
  new Map([
    ...online.map((id) => [id, 'online'] as const),
    ...idle.map((id) => [id, 'idle'] as const),
  ]);

/** With a change of presence applied. */
export const presentAfter = (
  present: Present,
  change: Presence & { readonly offline: readonly string[] },
): Present => {
  const after = new Map([...present, ...presentOf(change)]);
  for (const id of change.offline) after.delete(id);
  return after;
};
