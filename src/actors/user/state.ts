import type { DataOf, EventIn } from '../../events/kinds/kinds.ts';
import type { EventMeta } from '../rules.ts';

export const profileFields = ['displayName', 'avatar', 'about'] as const;

/** An open session. `digest`: SHA-256 of its token, base64url. */
export type OpenSession = {
  readonly openedAt: number;
  readonly digest: string;
  readonly userAgent?: string;
};

export type UserState = {
  registered: boolean;
  username: string;
  /** The valid hash in the vault; undefined: that of the registration. */
  secret: string | undefined;
  /** Why an operator has suspended the account; undefined: it is not suspended. */
  suspended: { readonly reason?: string } | undefined;
  readonly profile: { [Field in (typeof profileFields)[number]]?: string };
  /** The open sessions, oldest first. */
  readonly sessions: Map<string, OpenSession>;
  /** The circles that the user is or was in, each with the number of the circle's event that changed it. */
  readonly circles: Map<string, { readonly n: number; readonly joined: boolean }>;
};

export const noUser = (): UserState => ({
  registered: false,
  username: '',
  secret: undefined,
  suspended: undefined,
  profile: {},
  sessions: new Map(),
  circles: new Map(),
});

const updateProfile = ({ profile }: UserState, change: DataOf<'profile-updated'>): void => {
  for (const name of profileFields) {
    const value = change[name];
    if (value === null) delete profile[name];
    else if (value !== undefined) profile[name] = value;
  }
};

export const evolve = (user: UserState, event: EventIn<'user'>, meta: EventMeta): void => {
  switch (event.k) {
    case 'user-registered':
      user.registered = true;
      user.username = event.d.username;
      if (event.d.displayName !== undefined) user.profile.displayName = event.d.displayName;
      break;
    case 'session-opened': {
      const { id, digest, userAgent } = event.d;
      const named = userAgent === undefined ? {} : { userAgent };
      user.sessions.set(id, { openedAt: meta.at, digest, ...named });
      break;
    }
    case 'session-closed':
      user.sessions.delete(event.d.id);
      break;
    case 'circle-joined':
      user.circles.set(event.d.circle, { n: event.d.n, joined: true });
      break;
    case 'circle-left':
      user.circles.set(event.d.circle, { n: event.d.n, joined: false });
      break;
    case 'profile-updated':
      updateProfile(user, event.d);
      break;
    case 'password-changed':
      user.secret = event.d.secret;
      break;
    case 'user-suspended':
      user.suspended = event.d;
      break;
    case 'user-resumed':
      user.suspended = undefined;
      break;
    case 'user-withdrawn':
      user.registered = false;
      break;
  }
};
