import type { EventIn } from '../../events/kinds/kinds.ts';
import type { Rules } from '../rules.ts';
import type { UserCommand } from './commands.ts';
import { decide } from './decider.ts';
import { evolve, noUser, type OpenSession, type UserState } from './state.ts';

type Frozen = {
  readonly registered: boolean;
  readonly username: string;
  readonly secret: string | null;
  readonly profile: UserState['profile'];
  readonly sessions: [string, OpenSession][];
  readonly circles: [string, { n: number; joined: boolean }][];
};

export const userRules: Rules<UserState, UserCommand, EventIn<'user'>, undefined> = {
  initial: noUser,
  decide,
  evolve,
  snapshotVersion: 3,
  freeze: ({ registered, username, secret, profile, sessions, circles }): Frozen => ({
    registered,
    username,
    secret: secret ?? null,
    profile: { ...profile },
    sessions: [...sessions],
    circles: [...circles],
  }),
  thaw: (frozen) => {
    const { registered, username, secret, profile, sessions, circles } = frozen as Frozen;
    return {
      registered,
      username,
      secret: secret ?? undefined,
      profile: { ...profile },
      sessions: new Map(sessions),
      circles: new Map(circles),
    };
  },
};
