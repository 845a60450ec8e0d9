import type { Reset, StreamEvent } from './frames.ts';
import { afterMessageEvent, postedMessage } from './message-state.ts';
import type { History, Message, Participant, Stream } from './objects.ts';

/** What a page shows of a stream at exactly event `n`; never changed in place, so `===` says whether it is another. */
export type StreamState = {
  readonly s: string;
  readonly n: number;
  /** The id of who looks: it says which reactions are `me`, and whose posts move `read`. */
  readonly user: string;
  /** `last` is kept; what the stream is called follows from its circle, see `CircleState`. */
  readonly stream: Stream;
  /** Ascending by `m`. Where two neighbours' `m` are not consecutive there are messages that were not loaded. */
  readonly messages: readonly Message[];
  /** Those who stand in the messages, as far as they were told of: see `strangersIn`. */
  readonly users: ReadonlyMap<string, Participant>;
  /** Up to which message `user` has read. */
  readonly read: number;
};

/** Begins with what a `reset` carries, as `user` sees it. Throws a `TypeError` on the reset of something else. */
export const streamState = (reset: Reset, user: string): StreamState => {
  const { s, n, stream, messages = [], users = [], read = 0 } = reset;
  if (!stream) throw new TypeError(`${s} is no stream`);
  return { s, n, user, stream, messages, users: byId(users), read };
};

/**
 * The state after one more event. An event that it shows already changes nothing; throws a `RangeError` if events
 * between are missing, which a `Subscription` never lets happen. A state that has been told every event is the one
 * that a fresh `reset` would give, but for people who came later.
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
 * With a page of history, whichever; messages that are there already stay as they are. `Client.history` of a stream
 * that is followed shows what the events up to its answer say, so nothing is missed or counted twice; a page over
 * HTTP may be a moment older or newer.
 */
export const streamWithPage = (
  state: StreamState,
  { messages, users }: Pick<History, 'messages' | 'users'>,
): StreamState => ({
  ...streamWithUsers(state, users),
  messages: joined(state.messages, messages),
});

/** With what people are called now. */
export const streamWithUsers = (
  state: StreamState,
  users: readonly Participant[],
): StreamState => ({ ...state, users: new Map([...state.users, ...byId(users)]) });

/**
 * With a marker that was moved here or elsewhere: by the answer to `mark-read`, or a signal `read`, which may come
 * before the message that it is about.
 */
export const streamWithRead = (state: StreamState, m: number): StreamState =>
  m > state.read ? { ...state, read: m } : state;

/** Those who wrote or are mentioned and of whom nothing is known yet: to be asked for by `Http.users`. */
export const strangersIn = ({ messages, users }: StreamState): string[] => {
  const people = new Set(messages.flatMap(({ by, mentions = [] }) => [by, ...mentions]));
  return [...people].filter((id) => !users.has(id));
};

const byId = (users: readonly Participant[]): Map<string, Participant> =>
  new Map(users.map((user) => [user.id, user]));

/** Both together, ascending, each message once: the first of two that are the same counts. */
const joined = (known: readonly Message[], more: readonly Message[]): readonly Message[] => {
  const ids = new Set(known.map(({ id }) => id));
  const added = more.filter(({ id }) => !ids.has(id));
  if (added.length === 0) return known;
  return [...known, ...added].sort((a, b) => a.m - b.m);
};
