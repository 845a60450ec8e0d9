import type { EventIn } from '../../events/kinds/kinds.ts';
import type { Rules } from '../rules.ts';
import type { UserCommand } from './commands.ts';
import { decide } from './decider.ts';
import { evolve, noUser, type OpenSession, type UserState } from './state.ts';

type Frozen = {
  readonly registered: boolean;
  readonly username: string;
  readonly secret: string | null;
  readonly suspended: { readonly reason?: string } | null;
  readonly profile: UserState['profile'];
  readonly sessions: [string, OpenSession][];
  readonly circles: [string, { n: number; joined: boolean }][];
};

export const userRules: Rules<UserState, UserCommand, EventIn<'user'>, undefined> = {
  initial: noUser,
  decide,
  evolve,
  snapshotVersion: 4,
  freeze: ({ secret, suspended, profile, sessions, circles, ...rest }): Frozen => ({
    ...rest,
    secret: secret ?? null,
    suspended: suspended ?? null,
    profile: { ...profile },
    sessions: [...sessions],
    circles: [...circles],
  }),
  thaw: (frozen) => {
    const { secret, suspended, profile, sessions, circles, ...rest } = frozen as Frozen;
    return {
      ...rest,
      secret: secret ?? undefined,
      suspended: suspended ?? undefined,
      profile: { ...profile },
      sessions: new Map(sessions),
      circles: new Map(circles),
    };
  },
};
