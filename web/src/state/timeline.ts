import type { StreamEvent } from '../../../src/client/frames.ts';
import { afterMessageEvent, postedMessage } from '../../../src/client/message-state.ts';
import type { Message } from '../../../src/client/objects.ts';

/**
 * A stretch of a stream without holes: messages with consecutive numbers, and the number of the stream's newest.
 * If its last message is the newest, it follows what is posted.
 */
export type Timeline = { readonly messages: readonly Message[]; readonly newest: number };

export const emptyTimeline: Timeline = { messages: [], newest: 0 };

/** So many messages are kept on the page; beyond, those farthest from the reader are let go. */
export const keptMax = 400;
const keptAfterTrim = 250;

export const hasOlder = ({ messages: [first] }: Timeline): boolean =>
  first !== undefined && first.m > 1;

export const hasNewer = ({ messages, newest }: Timeline): boolean =>
  (messages.at(-1)?.m ?? 0) < newest;

/** The stretch that a page of history shows. */
export const timelineOf = (page: readonly Message[], newest = 0): Timeline => ({
  messages: page,
  newest: Math.max(newest, page.at(-1)?.m ?? 0),
});

/** Joins a page of history to the end that it touches; one that touches neither end changes nothing. */
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

/** Lets go of what is farthest from the end that is read. */
export const trimmed = (timeline: Timeline, kept: 'oldest' | 'newest'): Timeline => {
  const { messages, newest } = timeline;
  if (messages.length <= keptMax) return timeline;
  const rest =
    kept === 'oldest' ? messages.slice(0, keptAfterTrim) : messages.slice(-keptAfterTrim);
  return { messages: rest, newest };
};

/**
 * Lets go of what is farthest from the message `m` that somebody looks at; undefined: the newest. So what is posted
 * while nobody looks makes no page longer without end.
 */
export const trimmedAround = (timeline: Timeline, m: number | undefined): Timeline => {
  const { messages } = timeline;
  const middle = messages[Math.floor(messages.length / 2)]?.m ?? 0;
  return trimmed(timeline, m !== undefined && m < middle ? 'oldest' : 'newest');
};

/** The stretch after an event; `me` is who reads. An event of a message elsewhere changes only `newest`. */
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
