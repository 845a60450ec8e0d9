import type { Reset, StreamEvent } from './frames.ts';
import { afterMessageEvent, postedMessage } from './message-state.ts';
import type { History, Message, Participant, Stream } from './objects.ts';

/** The state of a stream at exactly event `n`; immutable, so `===` detects changes. */
export type StreamState = {
  readonly s: string;
  readonly n: number;
  /** The id of the viewer, for `me` in reactions and the posts that move `read`. */
  readonly user: string;
  /** `last` is updated; the name follows from the circle, see `CircleState`. */
  readonly stream: Stream;
  /** Ascending by `m`. Gaps between `m` are messages that were not loaded. */
  readonly messages: readonly Message[];
  /** The known users in the messages: see `strangersIn`. */
  readonly users: ReadonlyMap<string, Participant>;
  /** The last message read by `user`. */
  readonly read: number;
};

/**
 * The initial state from a `reset`, as seen by `user`. Throws a `TypeError` for the reset of another kind of event
 * stream.
 */
export const streamState = (reset: Reset, user: string): StreamState => {
  const { s, n, stream, messages = [], users = [], read = 0 } = reset;
  if (!stream) throw new TypeError(`${s} is not a stream`);
  return { s, n, user, stream, messages, users: byId(users), read };
};

/**
 * The state after one more event. An event already applied changes nothing; throws a `RangeError` if events in between
 * are missing, which a `Subscription` prevents. After all events the state equals that of a fresh `reset`, except for
 * users who appeared later.
 */
export const streamAfter = (state: StreamState, event: StreamEvent): StreamState => {
  if (event.n <= state.n) return state;
  if (event.n > state.n + 1) throw new RangeError(`event ${event.n} came after ${state.n}`);
  const next = { ...state, n: event.n };
  if (event.k !== 'message-posted') {
    return { ...next, messages: afterMessageEvent(state.messages, event, state.user) };
  }
  const { m } = event.d;
  return {
    ...next,
    stream: { ...state.stream, last: m },
    messages: joined(state.messages, [postedMessage(state.s, event)]),
    read: event.by === state.user ? Math.max(state.read, m) : state.read,
  };
};

/**
 * With any page of history; messages already present are kept. `Client.history` of a subscribed stream reflects the
 * events before its answer, so nothing is missed or counted twice; a page over HTTP may be slightly older or newer.
 */
export const streamWithPage = (
  state: StreamState,
  { messages, users }: Pick<History, 'messages' | 'users'>,
): StreamState => ({
  ...streamWithUsers(state, users),
  messages: joined(state.messages, messages),
});

/** With the current names of users. */
export const streamWithUsers = (
  state: StreamState,
  users: readonly Participant[],
): StreamState => ({ ...state, users: new Map([...state.users, ...byId(users)]) });

/** With a moved read marker: from the answer to `mark-read`, or a signal `read`, which may precede its message. */
export const streamWithRead = (state: StreamState, m: number): StreamState =>
  m > state.read ? { ...state, read: m } : state;

/** Authors and mentioned users that are not known yet: request them with `Http.users`. */
export const strangersIn = ({ messages, users }: StreamState): string[] => {
  const people = new Set(messages.flatMap(({ by, mentions = [] }) => [by, ...mentions]));
  return [...people].filter((id) => !users.has(id));
};

const byId = (users: readonly Participant[]): Map<string, Participant> =>
  new Map(users.map((user) => [user.id, user]));

/** Both merged, ascending, without duplicates; the first one wins. */
const joined = (known: readonly Message[], more: readonly Message[]): readonly Message[] => {
  const ids = new Set(known.map(({ id }) => id));
  const added = more.filter(({ id }) => !ids.has(id));
  if (added.length === 0) return known;
  return [...known, ...added].sort((a, b) => a.m - b.m);
};
