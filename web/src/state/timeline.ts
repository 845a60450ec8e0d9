import type { StreamEvent } from '../../../src/client/frames.ts';
import type { History } from '../../../src/client/objects.ts';
import { type StreamState, streamAfter, streamWithPage } from '../../../src/client/stream-state.ts';

/**
 * The state of a stream whose messages are a range without gaps: they have consecutive numbers. If it includes the
 * newest, it follows new messages.
 */
export type Timeline = StreamState;

/** Before the first `reset`. */
export const emptyTimeline = (s: string, user: string): Timeline => ({
  ...{ s, n: 0, user, stream: { id: '', s, name: '', last: 0 } },
  ...{ messages: [], users: new Map(), read: 0 },
});

/** The maximum number of messages kept; beyond, those farthest from the view are dropped. */
export const keptMax = 400;
const keptAfterTrim = 250;

export const hasOlder = ({ messages: [first] }: Timeline): boolean =>
  first !== undefined && first.m > 1;

export const hasNewer = ({ messages, stream }: Timeline): boolean =>
  (messages.at(-1)?.m ?? 0) < stream.last;

/** Adds an adjacent page of history; any other changes nothing. */
export const extended = (
  timeline: Timeline,
  page: Pick<History, 'messages' | 'users'>,
): Timeline => {
  const [first, last] = endsOf(timeline.messages);
  const [pageFirst, pageLast] = endsOf(page.messages);
  const isAdjacent = pageLast >= first - 1 && pageFirst <= last + 1;
  return isAdjacent || timeline.messages.length === 0 ? streamWithPage(timeline, page) : timeline;
};

/** Drops the messages farthest from one end. */
export const trimmed = (timeline: Timeline, kept: 'oldest' | 'newest'): Timeline => {
  const { messages } = timeline;
  if (messages.length <= keptMax) return timeline;
  const rest =
    kept === 'oldest' ? messages.slice(0, keptAfterTrim) : messages.slice(-keptAfterTrim);
  return { ...timeline, messages: rest };
};

/**
 * Drops the messages farthest from the message `m` in view; undefined: the newest. So the range stays bounded while
 * the user is away.
 */
export const trimmedAround = (timeline: Timeline, m: number | undefined): Timeline => {
  const { messages } = timeline;
  const middle = messages[Math.floor(messages.length / 2)]?.m ?? 0;
  return trimmed(timeline, m !== undefined && m < middle ? 'oldest' : 'newest');
};

/** The range after an event: elsewhere in the stream it does not contain a new message. */
export const timelineAfter = (timeline: Timeline, event: StreamEvent): Timeline => {
  const after = streamAfter(timeline, event);
  const isElsewhere = event.k === 'message-posted' && hasNewer(timeline);
  return isElsewhere ? { ...after, messages: timeline.messages } : after;
};

/** The first and last message number. */
const endsOf = (messages: Timeline['messages']): readonly [number, number] => [
  messages[0]?.m ?? 0,
  messages.at(-1)?.m ?? 0,
];
