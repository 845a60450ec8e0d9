import type { EventIn } from '../../events/kinds.ts';
import type { EventPlace } from '../rules.ts';

/** A user as its rules see it. */
export type UserState = {
  registered: boolean;
  username: string;
  /** The sessions that are open, oldest first. */
  readonly sessions: Map<string, { readonly openedAt: number }>;
  /** The circles that the user has been told of, each with the number of the circle's event that did it. */
  readonly circles: Map<string, { readonly n: number; readonly joined: boolean }>;
};

export const noUser = (): UserState => ({
  registered: false,
  username: '',
  sessions: new Map(),
  circles: new Map(),
});

export const evolve = (user: UserState, event: EventIn<'user'>, place: EventPlace): void => {
  switch (event.k) {
    case 'user-registered':
      user.registered = true;
      user.username = event.d.username;
      break;
    case 'session-opened':
      user.sessions.set(event.d.id, { openedAt: place.at });
      break;
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
    case 'password-changed':
      break;
  }
};
