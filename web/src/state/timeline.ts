import type { StreamEvent } from '../../../src/client/frames.ts';
import { afterMessageEvent, postedMessage } from '../../../src/client/message-state.ts';
import type { Message } from '../../../src/client/objects.ts';

/**
 * A range of a stream without gaps: messages with consecutive numbers, and the number of the stream's newest. If it
 * includes the newest, it follows new messages.
 */
export type Timeline = { readonly messages: readonly Message[]; readonly newest: number };

export const emptyTimeline: Timeline = { messages: [], newest: 0 };

/** The maximum number of messages kept; beyond, those farthest from the view are dropped. */
export const keptMax = 400;
const keptAfterTrim = 250;

export const hasOlder = ({ messages: [first] }: Timeline): boolean =>
  first !== undefined && first.m > 1;

export const hasNewer = ({ messages, newest }: Timeline): boolean =>
  (messages.at(-1)?.m ?? 0) < newest;

/** The range of a page of history. */
export const timelineOf = (page: readonly Message[], newest = 0): Timeline => ({
  messages: page,
  newest: Math.max(newest, page.at(-1)?.m ?? 0),
});

/** Adds an adjacent page of history; any other changes nothing. */
export const extended = (timeline: Timeline, page: readonly Message[]): Timeline => {
  const { messages, newest } = timeline;
  const first = messages[0];
  const last = messages.at(-1);
  const pageFirst = page[0];
  const pageLast = page.at(-1);
  if (!pageFirst || !pageLast) return timeline;
  if (!first || !last) return timelineOf(page, newest);
  const older = pageLast.m >= first.m - 1 ? page.filter(({ m }) => m < first.m) : [];
  const newer = pageFirst.m <= last.m + 1 ? page.filter(({ m }) => m > last.m) : [];
  return timelineOf([...older, ...messages, ...newer], newest);
};

/** Drops the messages farthest from one end. */
export const trimmed = (timeline: Timeline, kept: 'oldest' | 'newest'): Timeline => {
  const { messages, newest } = timeline;
  if (messages.length <= keptMax) return timeline;
  const rest =
    kept === 'oldest' ? messages.slice(0, keptAfterTrim) : messages.slice(-keptAfterTrim);
  return { messages: rest, newest };
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

/** The range after an event; `me` is the user. An event of a message outside the range only changes `newest`. */
export const applied = (
  timeline: Timeline,
  event: StreamEvent,
  { s, me }: { readonly s: string; readonly me: string },
): Timeline => {
  const { messages, newest } = timeline;
  if (event.k === 'message-posted') {
    const { m } = event.d;
    const follows = !hasNewer(timeline) && m === newest + 1;
    return {
      messages: follows ? [...messages, postedMessage(s, event)] : messages,
      newest: Math.max(newest, m),
    };
  }
  const after = afterMessageEvent(messages, event, me);
  return after === messages ? timeline : { messages: after, newest };
};
