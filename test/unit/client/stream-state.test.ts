import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../src/client/frames.ts';
import type { Message } from '../../../src/client/objects.ts';
import {
  type StreamState,
  strangersIn,
  streamAfter,
  streamState,
  streamWithPage,
  streamWithRead,
  streamWithUsers,
} from '../../../src/client/stream-state.ts';

const s = 'c/s';
const user = (id: string) => ({ id, username: id, displayName: id });
const message = (m: number, more: Partial<Message> = {}): Message => ({
  ...{ id: `m${m}`, s, m, n: m, at: 1_000 + m, by: 'ada' },
  ...{ text: `text ${m}`, mentions: [], reactions: {} },
  ...more,
});

/** A stream at event 10, as Ada sees it. */
const begun = (...messages: Message[]): StreamState => {
  const last = messages.at(-1)?.m ?? 0;
  const stream = { id: 's', s, name: 'general', last };
  const reset = { s, n: 10, why: 'new', stream, messages, users: [user('ada')], read: 1 } as const;
  return streamState(reset, 'ada');
};

type Happened = { [K in StreamEvent['k']]: [K, Extract<StreamEvent, { k: K }>['d'], by?: string] };

/** The state after these, one after the other; each is told twice. */
const told = (state: StreamState, ...happened: Happened[StreamEvent['k']][]): StreamState =>
  happened.reduce((before, [k, d, by = 'ben']) => {
    const event = { n: before.n + 1, at: 5_000, by, k, d } as StreamEvent;
    return streamAfter(streamAfter(before, event), event);
  }, state);

const only = ({ messages }: StreamState): Message | undefined => messages[0];

it('only accepts resets of streams', () => {
  const me = { user: user('ada'), circles: [] };
  expect(() => streamState({ s: 'me', n: 1, why: 'new', me }, 'ada')).toThrow(TypeError);
});

it('adds posted messages, and moves the marker with own posts [H5]', () => {
  const posted = (m: number) => ({ id: `m${m}`, m, text: 'new', mentions: ['ben'] });
  const others = told(begun(message(1)), ['message-posted', posted(2)]);
  expect(others.messages.map(({ m }) => m)).toEqual([1, 2]);
  expect(others).toMatchObject({ n: 11, read: 1, stream: { last: 2 } });
  expect(others.messages[1]).toEqual({
    ...{ id: 'm2', s, m: 2, n: 11, at: 5_000, by: 'ben', text: 'new' },
    ...{ mentions: ['ben'], reactions: {} },
  });
  const own = told(others, ['message-posted', { ...posted(3), replyTo: 'm1' }, 'ada']);
  expect(own).toMatchObject({ read: 3, stream: { last: 3 } });
  expect(own.messages[2]).toMatchObject({ replyTo: 'm1' });
});

it('leaves only a tombstone of a deleted message, whatever follows [H4]', () => {
  const before = begun(message(1, { pinned: true, editedAt: 3, replyTo: 'm0' }));
  const deleted = told(
    before,
    ['message-deleted', { id: 'm1' }],
    ['message-edited', { id: 'm1', text: 'back', mentions: [] }],
    ['reaction-added', { id: 'm1', emoji: '👍' }],
    ['message-pinned', { id: 'm1' }],
  );
  expect(only(deleted)).toEqual({
    ...{ id: 'm1', s, m: 1, n: 1, at: 1_001, by: 'ada', replyTo: 'm0', deleted: true },
  });
});

it('edits and pins', () => {
  const edited = told(
    begun(message(1)),
    ['message-edited', { id: 'm1', text: 'better', mentions: ['ben'] }],
    ['message-pinned', { id: 'm1' }],
  );
  expect(only(edited)).toEqual(
    message(1, { text: 'better', mentions: ['ben'], editedAt: 5_000, pinned: true }),
  );
  expect(only(told(edited, ['message-unpinned', { id: 'm1' }]))).not.toHaveProperty('pinned');
});

it('counts reactions, and marks the own ones', () => {
  const thumb = { id: 'm1', emoji: '👍' };
  const two = told(
    begun(message(1)),
    ['reaction-added', thumb, 'ben'],
    ['reaction-added', thumb, 'ada'],
    ['reaction-added', { id: 'm1', emoji: '🎉' }, 'cleo'],
  );
  expect(only(two)?.reactions).toEqual({
    '👍': { count: 2, me: true },
    '🎉': { count: 1, me: false },
  });
  const one = told(two, ['reaction-removed', thumb, 'ada']);
  expect(only(one)?.reactions?.['👍']).toEqual({ count: 1, me: false });
  expect(only(told(one, ['reaction-removed', thumb, 'ben']))?.reactions).toEqual({
    '🎉': { count: 1, me: false },
  });
});

it('ignores an event already applied, and rejects gaps', () => {
  const state = begun(message(1));
  const event = { n: 10, at: 1, by: 'ben', k: 'message-deleted', d: { id: 'm1' } } as const;
  expect(streamAfter(state, event)).toBe(state);
  expect(() => streamAfter(state, { ...event, n: 12 })).toThrow('event 12 came after 10');
});

it('keeps the messages when an event does not concern them, or is unknown', () => {
  const state = begun(message(1));
  const unknown = { n: 11, at: 1, by: 'ben', k: 'stream-painted', d: {} } as unknown as StreamEvent;
  expect(streamAfter(state, unknown)).toEqual({ ...state, n: 11 });
  expect(streamAfter(state, unknown).messages).toBe(state.messages);
  expect(told(state, ['message-deleted', { id: 'other' }]).messages).toBe(state.messages);
});

describe('pages', () => {
  it('extend both ends, without duplicates, and known messages are kept', () => {
    const state = told(begun(message(5), message(6)), [
      'message-edited',
      { id: 'm5', text: 'newer', mentions: [] },
    ]);
    const users = [{ ...user('ben'), member: { nickname: 'Benny' } }];
    const page = { messages: [message(3), message(4), message(5)], users };
    const joined = streamWithPage(state, page);
    expect(joined.messages.map(({ m }) => m)).toEqual([3, 4, 5, 6]);
    expect(joined.messages[2]?.text).toBe('newer');
    expect(joined.users.get('ben')?.member?.nickname).toBe('Benny');
    expect(streamWithPage(joined, page).messages).toBe(joined.messages);
  });

  it('may arrive before the event of one of their messages', () => {
    const ahead = streamWithPage(begun(message(1)), {
      messages: [message(2, { n: 11 })],
      users: [],
    });
    const posted = told(ahead, [
      'message-posted',
      { id: 'm2', m: 2, text: 'text 2', mentions: [] },
    ]);
    expect(posted.messages.map(({ m }) => m)).toEqual([1, 2]);
    expect(posted.stream.last).toBe(2);
  });
});

it('lists unknown users', () => {
  const state = begun(message(1, { mentions: ['ben', 'cleo'] }), message(2, { by: 'cleo' }));
  expect(strangersIn(state)).toEqual(['ben', 'cleo']);
  expect(strangersIn(streamWithUsers(state, [user('cleo')]))).toEqual(['ben']);
});

it('only moves the marker forward, also before its message arrives [H5]', () => {
  const state = begun(message(1), message(2));
  expect(streamWithRead(state, 2).read).toBe(2);
  expect(streamWithRead(state, 3).read).toBe(3);
  expect(streamWithRead(streamWithRead(state, 2), 1).read).toBe(2);
});
