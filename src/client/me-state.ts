import type { Reset, StreamEvent } from './frames.ts';
import type { CircleEntry, Me } from './objects.ts';

/** The user and their circles, at exactly event `n`; immutable. */
export type MeState = Me & {
  readonly n: number;
  /** Joined circles without details: request `Http.circle`, then call `meWithCircle`. */
  readonly unknown: readonly string[];
};

/** The initial state from a `reset`. Throws a `TypeError` for the reset of another kind of event stream. */
export const meState = ({ s, n, me }: Reset): MeState => {
  if (!me) throw new TypeError(`${s} is not me`);
  return { ...me, n, unknown: [] };
};

/** The state after one more event; an event already applied changes nothing, a gap is a `RangeError`. */
export const meAfter = (state: MeState, event: StreamEvent): MeState => {
  if (event.n <= state.n) return state;
  if (event.n > state.n + 1) throw new RangeError(`event ${event.n} came after ${state.n}`);
  const next = { ...state, n: event.n };
  switch (event.k) {
    case 'profile-updated':
      return { ...next, user: renamed(state.user, event.d) };
    case 'circle-joined': {
      const { circle } = event.d;
      const isKnown = state.circles.some(({ id }) => id === circle);
      return isKnown ? next : { ...next, unknown: [...without(state.unknown, circle), circle] };
    }
    case 'circle-left': {
      const { circle } = event.d;
      const circles = state.circles.filter(({ id }) => id !== circle);
      return { ...next, circles, unknown: without(state.unknown, circle) };
    }
    default:
      return next;
  }
};

/** With the details of a circle, if the user is in it; ordered by circle id, as in a `reset`. */
export const meWithCircle = (state: MeState, circle: CircleEntry): MeState => {
  const others = state.circles.filter(({ id }) => id !== circle.id);
  const isIn = others.length < state.circles.length || state.unknown.includes(circle.id);
  if (!isIn) return state;
  const { id, kind, name, visibility, with: other } = circle;
  const entry = { id, kind, name, visibility, ...(other && { with: other }) };
  const circles = [...others, entry].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { ...state, circles, unknown: without(state.unknown, id) };
};

const without = (ids: readonly string[], gone: string): readonly string[] =>
  ids.filter((id) => id !== gone);

type Profile = Extract<StreamEvent, { k: 'profile-updated' }>['d'];

/** Without a display name the username is shown. */
const renamed = (user: Me['user'], profile: Profile): Me['user'] => {
  const given = Object.entries(profile).filter(([, value]) => value !== null);
  const { avatar, about, ...rest } = user;
  return {
    ...rest,
    ...(profile.displayName === null && { displayName: user.username }),
    ...(avatar !== undefined && profile.avatar !== null && { avatar }),
    ...(about !== undefined && profile.about !== null && { about }),
    ...Object.fromEntries(given),
  };
};
