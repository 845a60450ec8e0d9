import type { Signal } from './frames.ts';
import type { Presence } from './objects.ts';

/** The members of a circle who are online or idle; all others are offline. */
export type PresenceState = ReadonlyMap<string, 'online' | 'idle'>;

type PresenceChange = Extract<Signal, { k: 'presence' }>['d'];

/** The initial state from `Http.presence`: request it after each `live` of the circle. */
export const presenceState = ({ online, idle }: Presence): PresenceState =>
  new Map([
    ...online.map((id) => [id, 'online'] as const),
    ...idle.map((id) => [id, 'idle'] as const),
  ]);

/** The state after a signal `presence` of the circle, which holds changes only (W17). */
export const presenceAfter = (state: PresenceState, change: PresenceChange): PresenceState => {
  const after = new Map([...state, ...presenceState(change)]);
  for (const id of change.offline) after.delete(id);
  return after;
};
