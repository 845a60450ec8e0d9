import type { Reset, StreamEvent } from './frames.ts';
import type { Circle, Stream } from './objects.ts';

/** The state of a circle at exactly event `n`; immutable. */
export type CircleState = Circle & { readonly streams: readonly Stream[]; readonly n: number };

/** The initial state from a `reset`. Throws a `TypeError` for the reset of another kind of event stream. */
export const circleState = ({ s, n, circle }: Reset): CircleState => {
  if (!circle) throw new TypeError(`${s} is not a circle`);
  return { ...circle, streams: circle.streams ?? [], n };
};

/**
 * The state after one more event; an event already applied changes nothing, a gap is a `RangeError`. Everything
 * follows from the events except the `last` of its streams, see `circleWithLast`.
 */
export const circleAfter = (state: CircleState, event: StreamEvent): CircleState => {
  if (event.n <= state.n) return state;
  if (event.n > state.n + 1) throw new RangeError(`event ${event.n} came after ${state.n}`);
  return { ...changed(state, event), n: event.n };
};

/** With a stream's newest message number, from its own events or from `activity`. */
export const circleWithLast = (state: CircleState, s: string, last: number): CircleState =>
  withStream(state, ({ s: name, last: before }) => name === s && before < last, { last });

const changed = (state: CircleState, event: StreamEvent): CircleState => {
  switch (event.k) {
    case 'circle-updated':
      return withFields(state, event.d);
    case 'member-joined':
      return { ...state, members: state.members + 1 };
    case 'member-left':
    case 'member-removed':
      return { ...state, members: state.members - 1 };
    case 'stream-created': {
      const { id, name, topic } = event.d;
      const stream = {
        id,
        s: `${state.id}/${id}`,
        name,
        ...(topic !== undefined && { topic }),
        last: 0,
      };
      return { ...state, streams: [...state.streams, stream] };
    }
    case 'stream-updated': {
      const { id, name, topic } = event.d;
      return withStream(state, (stream) => stream.id === id, { name, topic });
    }
    case 'stream-archived':
    case 'stream-restored': {
      const archived = event.k === 'stream-archived' ? true : null;
      return withStream(state, ({ id }) => id === event.d.id, { archived });
    }
    case 'stream-deleted':
      return { ...state, streams: state.streams.filter(({ id }) => id !== event.d.id) };
    default:
      return state;
  }
};

type Change<T> = { readonly [Field in keyof T]?: T[Field] | null | undefined };

/** With the given fields; null removes one. */
const withFields = <T extends object>(before: T, change: Change<T>): T => {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const after = { ...before, ...Object.fromEntries(given) };
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null)) as T;
};

const withStream = (
  state: CircleState,
  fits: (stream: Stream) => boolean,
  change: Change<Stream>,
): CircleState => ({
  ...state,
  streams: state.streams.map((stream) => (fits(stream) ? withFields(stream, change) : stream)),
});
