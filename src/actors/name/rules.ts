import { type EventIn, event } from '../../events/kinds/kinds.ts';
import type { Stamp } from '../command.ts';
import { nothing, record, refuse } from '../decision.ts';
import type { Rules } from '../rules.ts';

/** The holder of a username, and since when. */
export type NameState = { holder: { readonly user: string; readonly at: number } | undefined };

/** `claim-name`: for `by`. `release-name`: `user` holds it and has no account. */
export type NameCommand = Stamp &
  ({ readonly op: 'claim-name' } | { readonly op: 'release-name'; readonly user: string });

/** The rules of a username, for its writer: one claim at a time. */
export const nameRules: Rules<NameState, NameCommand, EventIn<'name'>, undefined> = {
  initial: () => ({ holder: undefined }),
  decide: ({ holder }, command) => {
    if (command.op === 'release-name') {
      const { user } = command;
      return holder?.user === user ? record(event('name-released', { user })) : nothing();
    }
    if (holder?.user === command.by) return nothing();
    return holder
      ? refuse('username-taken', 'username')
      : record(event('name-claimed', { user: command.by }));
  },
  evolve: (name, { k, d }, { at }) => {
    name.holder = k === 'name-claimed' ? { user: d.user, at } : undefined;
  },
  snapshotVersion: 1,
  freeze: ({ holder }) => ({ holder: holder ?? null }),
  thaw: (frozen) => ({
    holder: (frozen as { holder: NameState['holder'] | null }).holder ?? undefined,
  }),
};
