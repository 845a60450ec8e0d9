import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../src/client/frames.ts';
import type { Message } from '../../../src/client/objects.ts';
import {
  emptyTimeline,
  extended,
  hasNewer,
  hasOlder,
  keptMax,
  type Timeline,
  timelineAfter,
  trimmed,
} from '../../../web/src/state/timeline.ts';

const s = 'c/s';

const message = (m: number): Message => ({
  ...{ id: `id-${m}`, s, m, n: m, at: m * 1000, by: 'ben', text: `text ${m}` },
  ...{ mentions: [], reactions: {} },
});

const messagesFrom = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

const posted = (m: number): StreamEvent => ({
  ...{ n: m, at: m * 1000, by: 'ben', k: 'message-posted' },
  d: { id: `id-${m}`, m, text: `text ${m}`, mentions: [] },
});

const page = (from: number, to: number) => ({ messages: messagesFrom(from, to), users: [] });

/** A range of a stream whose newest message is `last`, also the number of its last event. */
const range = (from: number, to: number, last = to): Timeline => {
  const empty = emptyTimeline(s, 'ada');
  return { ...empty, n: last, stream: { ...empty.stream, last }, messages: messagesFrom(from, to) };
};

const numbers = ({ messages }: Timeline): number[] => messages.map(({ m }) => m);

describe('a range of a stream', () => {
  it('follows new messages while it ends at the newest', () => {
    const after = timelineAfter(range(1, 3), posted(4));
    expect(numbers(after)).toEqual([1, 2, 3, 4]);
    expect(after.messages.at(-1)).toEqual(message(4));
    expect(hasNewer(after)).toBe(false);
  });

  it('takes the first message of an empty stream', () => {
    expect(numbers(timelineAfter(emptyTimeline(s, 'ada'), posted(1)))).toEqual([1]);
  });

  it('never has a gap: elsewhere in the stream it only updates the newest number', () => {
    const before = range(10, 20, 40);
    const after = timelineAfter(before, posted(41));
    expect(numbers(after)).toEqual(numbers(before));
    expect(after.stream.last).toBe(41);
    expect(hasOlder(after)).toBe(true);
    expect(hasNewer(after)).toBe(true);
  });

  it('is extended by a page at either end, overlapping or not, and by no other page', () => {
    const middle = range(10, 20, 40);
    expect(numbers(extended(middle, page(5, 9)))).toEqual(numbers(range(5, 20)));
    expect(numbers(extended(middle, page(5, 12)))).toEqual(numbers(range(5, 20)));
    expect(numbers(extended(middle, page(18, 25)))).toEqual(numbers(range(10, 25)));
    expect(extended(middle, page(22, 25)).messages).toEqual(middle.messages);
    expect(extended(middle, page(1, 8)).messages).toEqual(middle.messages);
    expect(extended(middle, { messages: [], users: [] })).toBe(middle);
  });

  it('drops the messages farthest from the view, only beyond the limit', () => {
    const full = range(1, keptMax);
    expect(trimmed(full, 'newest')).toBe(full);
    const long = range(1, keptMax + 1);
    expect(trimmed(long, 'oldest').messages[0]?.m).toBe(1);
    expect(hasNewer(trimmed(long, 'oldest'))).toBe(true);
    expect(trimmed(long, 'newest').messages.at(-1)?.m).toBe(keptMax + 1);
    expect(hasNewer(trimmed(long, 'newest'))).toBe(false);
  });

  it('changes the message of an event', () => {
    const before = range(1, 2);
    const event = (k: string, d: object, n = 3) =>
      ({ n, at: 9000, by: 'ada', k, d }) as StreamEvent;
    const after = timelineAfter(before, event('reaction-added', { id: 'id-1', emoji: '🌱' }));
    expect(after.messages[0]?.reactions).toEqual({ '🌱': { count: 1, me: true } });
    const gone = timelineAfter(after, event('message-deleted', { id: 'id-1' }, 4));
    expect(gone.messages[0]).toMatchObject({ deleted: true });
    const same = timelineAfter(before, event('message-deleted', { id: 'id-7' }));
    expect(same.messages).toBe(before.messages);
  });
});

describe('a range of a stream, at random', () => {
  it('has consecutive numbers for any events in any order', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('page' as const), from: fc.nat(60), size: fc.nat(20) }),
      fc.record({ do: fc.constant('post' as const) }),
      fc.record({ do: fc.constant('trim' as const), kept: fc.constantFrom('oldest', 'newest') }),
    );
    fc.assert(
      fc.property(fc.nat(60), fc.array(step, { maxLength: 60 }), (start, steps) => {
        let newest = 60;
        let timeline = range(Math.max(1, start), newest);
        for (const each of steps) {
          if (each.do === 'post') {
            newest += 1;
            timeline = timelineAfter(timeline, posted(newest));
          } else if (each.do === 'page') {
            const end = Math.min(newest, each.from + each.size);
            timeline = extended(timeline, page(each.from + 1, end));
          } else timeline = trimmed(timeline, each.kept);
          const found = numbers(timeline);
          const [first = 1] = found;
          expect(found).toEqual(found.map((_, index) => first + index));
          expect(timeline.stream.last).toBe(newest);
        }
      }),
      { seed: 20_261_125, numRuns: 200 },
    );
  });
});
