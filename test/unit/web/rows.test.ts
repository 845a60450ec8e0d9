import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/client/objects.ts';
import { rowsOf } from '../../../web/src/state/rows.ts';

const noon = new Date(2026, 10, 24, 12).getTime();
const minute = 60_000;

const message = (m: number, by: string, at = noon): Message => ({
  ...{ id: `id-${m}`, s: 'c/s', m, n: m, at, by, text: 'x' },
});

const shape = (messages: readonly Message[], newAfter?: number): string =>
  rowsOf(messages, newAfter)
    .map((row) =>
      row.kind === 'message' ? `${row.isFollowing ? '+' : ''}${row.message.m}` : row.kind,
    )
    .join(' ');

describe('the rows of a conversation', () => {
  it('group messages of one author, if they are close and not replies', () => {
    const messages = [
      message(1, 'ada'),
      message(2, 'ada', noon + minute),
      message(3, 'ben', noon + minute),
      message(4, 'ben', noon + 7 * minute),
      { ...message(5, 'ben', noon + 8 * minute), replyTo: 'id-1' },
      { ...message(6, 'ben', noon + 8 * minute), deleted: true as const },
      { ...message(7, 'ben', noon + 8 * minute), deleted: true as const },
    ];
    expect(shape(messages)).toBe('day 1 +2 3 4 5 6 +7');
  });

  it('have a separator before each day', () => {
    const messages = [message(1, 'ada'), message(2, 'ada', noon + 24 * 60 * minute)];
    expect(shape(messages)).toBe('day 1 day 2');
  });

  it('have one divider above new messages, below the day separator', () => {
    const messages = [message(3, 'ada'), message(4, 'ada'), message(5, 'ada')];
    expect(shape(messages, 3)).toBe('day 3 new 4 +5');
    expect(shape(messages, 2)).toBe('day new 3 +4 +5');
    expect(shape(messages, 5)).toBe('day 3 +4 +5');
  });

  it('have no divider if the first new message is above the loaded range', () => {
    expect(shape([message(9, 'ada')], 3)).toBe('day 9');
  });
});
