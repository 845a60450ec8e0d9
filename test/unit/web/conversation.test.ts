import { describe, expect, it } from 'vitest';
import { OshiError } from '../../../src/client/error.ts';
import type { Reset, StreamEvent } from '../../../src/client/frames.ts';
import type { Message } from '../../../src/client/objects.ts';
import type { Handlers } from '../../../src/client/subscription.ts';
import { AccountStorage } from '../../../web/src/state/account-storage.ts';
import { Conversation, type ConversationDeps } from '../../../web/src/state/conversation.ts';
import { Drafts } from '../../../web/src/state/drafts.ts';
import { Outboxes } from '../../../web/src/state/outboxes.ts';
import { keptMax } from '../../../web/src/state/timeline.ts';
import { memoryStorage } from '../../support/doubles/memory-storage.ts';

const s = 'c/s';

const message = (m: number): Message => ({
  ...{ id: `id-${m}`, s, m, n: m, at: m, by: 'ben', text: `text ${m}` },
  ...{ mentions: [], reactions: {} },
});

const messagesFrom = (from: number, to: number): Message[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => message(from + index));

const posted = (m: number, id = `id-${m}`, by = 'ben'): StreamEvent => ({
  ...{ n: m, at: m, by, k: 'message-posted' },
  d: { id, m, text: `text ${m}`, mentions: [] },
});

/** A conversation with a fake server. */
const stage = ({ newest = 100, isFocused = true } = {}) => {
  const answers: { resolve: (posted: object) => void; reject: (error: Error) => void }[] = [];
  let handlers: Handlers = {};
  let ids = 0;
  const failure: { error?: Error | undefined } = {};
  const client = {
    newId: () => `own-${++ids}`,
    subscribe: (_: string, __: object, given: Handlers) => {
      handlers = given;
      return { close: () => {} };
    },
    post: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
    history: async (_: string, page: { before?: number; after?: number; around?: number }) => {
      if (failure.error) throw failure.error;
      const { before, after, around } = page;
      const end = before !== undefined ? before - 1 : Math.min(newest, (after ?? newest) + 60);
      const from = around !== undefined ? around - 30 : Math.max(1, after ?? end - 60);
      const messages =
        around !== undefined ? messagesFrom(from, around + 29) : messagesFrom(from + 1, end);
      return { messages, users: [], more: { before: true, after: true } };
    },
  } as unknown as ConversationDeps['client'];
  const http = {
    message: async (_: string, id: string) => {
      const found = messagesFrom(1, newest).find((each) => each.id === id);
      if (!found) throw new OshiError('no such message', { code: 'not-found' });
      return { message: found, users: [] };
    },
  };
  const seen: string[] = [];
  const problem: unknown[] = [];
  const storage = new AccountStorage(memoryStorage(), 'ada', () => 0);
  const outboxes = new Outboxes({ client, storage, now: () => 0, onFailed: () => {} });
  const conversation = new Conversation(s, {
    ...{ client, http, me: 'ada', now: () => 0, isFocused: () => isFocused },
    draft: new Drafts(storage).of(s),
    outboxes,
    onChanged: () => {},
    onError: (error) => problem.push(error),
    onUsers: () => {},
    onPosted: (_, { id }) => seen.push(id),
    onRead: () => {},
    onOver: (code) => seen.push(code),
  });
  const reset = (messages: Message[], read: number, why: Reset['why'] = 'new'): void => {
    const last = messages.at(-1)?.m ?? 0;
    const stream = { id: 's', s, name: 'general', last };
    handlers.reset?.({ s, n: last, why, stream, messages, users: [], read });
  };
  const deliver = (event: StreamEvent) => handlers.event?.(event);
  return {
    conversation,
    outboxes,
    answers,
    failure,
    seen,
    problem,
    reset,
    deliver,
    end: (code: string) => handlers.end?.(code),
  };
};

const numbers = ({ timeline }: Conversation): number[] => timeline.value.messages.map(({ m }) => m);
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a posted message', () => {
  it('is shown immediately and once, if the event comes before the answer [W9]', async () => {
    const { conversation, answers, reset, deliver } = stage();
    reset(messagesFrom(91, 100), 100);
    conversation.post('Hello');
    expect(conversation.outbox.value).toMatchObject([{ id: 'own-1', state: 'sending' }]);
    deliver(posted(101, 'own-1', 'ada'));
    expect(conversation.outbox.value).toEqual([]);
    answers[0]?.resolve({ id: 'own-1', m: 101 });
    await settle();
    expect(conversation.outbox.value).toEqual([]);
    expect(conversation.timeline.value.messages.filter(({ id }) => id === 'own-1')).toHaveLength(1);
  });

  it('stays until its event, if the answer comes before it [W9]', async () => {
    const { conversation, answers, reset, deliver } = stage();
    reset(messagesFrom(91, 100), 100);
    conversation.post('Hello');
    answers[0]?.resolve({ id: 'own-1', m: 101 });
    await settle();
    expect(conversation.outbox.value).toMatchObject([{ state: 'sent', m: 101 }]);
    deliver(posted(101, 'own-1', 'ada'));
    expect(conversation.outbox.value).toEqual([]);
  });

  it('is gone from the outbox when a reset shows it', async () => {
    const { conversation, reset } = stage();
    reset(messagesFrom(91, 100), 100);
    conversation.post('Hello');
    reset([...messagesFrom(195, 200), { ...message(201), id: 'own-1' }], 201, 'too-far');
    expect(conversation.outbox.value).toEqual([]);
    expect(numbers(conversation)).toEqual([195, 196, 197, 198, 199, 200, 201]);
  });

  it('reports why it failed, and is retried with its id', async () => {
    const { conversation, outboxes, answers, reset } = stage();
    reset(messagesFrom(91, 100), 100);
    conversation.post('Hello');
    answers[0]?.reject(new OshiError('no', { code: 'archived' }));
    await settle();
    expect(conversation.outbox.value).toMatchObject([{ id: 'own-1', state: 'failed' }]);
    outboxes.retry(s, 'own-1');
    expect(conversation.outbox.value).toMatchObject([{ id: 'own-1', state: 'sending' }]);
    outboxes.discard(s, 'own-1');
    expect(conversation.outbox.value).toEqual([]);
  });
});

describe('loading history', () => {
  it('loads older and newer pages without gaps, and drops the other end', async () => {
    const { conversation, reset, deliver } = stage({ newest: 1_000 });
    reset(messagesFrom(941, 1_000), 1_000);
    for (let page = 0; page < 10; page++) await conversation.loadMore('older');
    const back = numbers(conversation);
    expect(back).toEqual(back.map((_, index) => (back[0] ?? 0) + index));
    expect(back.length).toBeLessThanOrEqual(keptMax);
    expect(back.at(-1)).toBeLessThan(1_000);
    deliver(posted(1_001));
    expect(numbers(conversation)).toEqual(back);
    for (let page = 0; page < 12; page++) await conversation.loadMore('newer');
    expect(numbers(conversation).at(-1)).toBe(1_000);
  });

  it('jumps to any message, and back to the newest', async () => {
    const { conversation, reset } = stage({ newest: 1_000 });
    reset(messagesFrom(941, 1_000), 1_000);
    await conversation.jumpTo(500);
    expect(numbers(conversation)).toContain(500);
    expect(conversation.jump.value).toMatchObject({ to: 500 });
    await conversation.jumpToNewest();
    expect(numbers(conversation).at(-1)).toBe(1_000);
    expect(conversation.jump.value).toMatchObject({ to: 'bottom' });
  });

  it('reloads the visible range when too many events were missed [W5]', async () => {
    const { conversation, reset } = stage({ newest: 5_000 });
    reset(messagesFrom(941, 1_000), 1_000);
    conversation.placement = { to: 'anchor', anchor: { key: 'id-950', top: 4 } };
    reset(messagesFrom(4_941, 5_000), 1_000, 'too-far');
    await settle();
    expect(numbers(conversation)).toContain(950);
    expect(conversation.timeline.value.stream.last).toBe(5_000);
    conversation.placement = { to: 'bottom' };
    reset(messagesFrom(5_941, 6_000), 1_000, 'too-far');
    expect(numbers(conversation).at(-1)).toBe(6_000);
  });
});

describe('the loaded range', () => {
  it('is bounded while the user is away, and ends with the newest', () => {
    const { conversation, reset, deliver } = stage({ isFocused: false });
    reset(messagesFrom(91, 100), 100);
    conversation.placement = { to: 'bottom' };
    for (let m = 101; m <= 2_100; m++) {
      deliver(posted(m));
      expect(conversation.timeline.value.messages.length).toBeLessThanOrEqual(keptMax);
    }
    expect(numbers(conversation).at(-1)).toBe(2_100);
    expect(conversation.divider.value).toBe(100);
  });

  it.each([2, 40, 95])('holds the visible message %d, whatever is posted', (m) => {
    const { conversation, reset, deliver } = stage({ isFocused: false });
    reset(messagesFrom(1, 100), 100);
    conversation.placement = { to: 'anchor', anchor: { key: `id-${m}`, top: 4 } };
    for (let next = 101; next <= 2_100; next++) deliver(posted(next));
    expect(numbers(conversation)).toContain(m);
    expect(numbers(conversation).length).toBeLessThanOrEqual(keptMax);
    expect(conversation.timeline.value.stream.last).toBe(2_100);
  });
});

describe('a page that cannot be loaded', () => {
  const error = new OshiError('no', { code: 'internal' });

  it('is only retried on request', async () => {
    const { conversation, reset, failure } = stage();
    reset(messagesFrom(91, 100), 100);
    failure.error = error;
    await conversation.loadMore('older');
    expect(conversation.loadError.value).toMatchObject({ end: 'older' });
    failure.error = undefined;
    await conversation.loadMore('older');
    expect(numbers(conversation)[0]).toBe(91);
    await conversation.retryLoading();
    expect(conversation.loadError.value).toBeUndefined();
    expect(numbers(conversation)[0]).toBeLessThan(91);
  });

  it('is reported after a jump', async () => {
    const { conversation, reset, failure, problem } = stage();
    reset(messagesFrom(91, 100), 100);
    failure.error = error;
    await conversation.jumpTo(7);
    expect(problem).toEqual([error]);
  });
});

describe('the divider', () => {
  it('starts at the last message read', () => {
    const { conversation, reset } = stage();
    reset(messagesFrom(91, 100), 97);
    expect(conversation.divider.value).toBe(97);
    expect(conversation.jump.value).toMatchObject({ to: 'divider' });
  });

  it('starts at messages posted while the user is away', () => {
    const { conversation, reset, deliver, seen } = stage({ isFocused: false });
    reset(messagesFrom(91, 100), 100);
    expect(conversation.divider.value).toBeUndefined();
    deliver(posted(101));
    deliver(posted(102));
    expect(conversation.divider.value).toBe(100);
    expect(seen).toEqual(['id-101', 'id-102']);
  });

  it('stays while the user is watching, and does not appear then', () => {
    for (const read of [97, 100]) {
      const { conversation, reset, deliver } = stage();
      reset(messagesFrom(91, 100), read);
      conversation.isShown.value = true;
      conversation.isAtBottom.value = true;
      deliver(posted(101));
      expect(conversation.divider.value).toBe(read === 97 ? 97 : undefined);
    }
  });

  it('is notified when the stream can no longer be read [W11]', () => {
    const { conversation, seen, end } = stage();
    end('removed');
    expect(conversation.state.value).toBe('over');
    expect(seen).toEqual(['removed']);
  });
});

describe('a replied-to message', () => {
  it('is loaded if it is outside the range, and can be opened', async () => {
    const { conversation, reset } = stage();
    const answer = { ...message(100), replyTo: 'id-7' };
    reset([...messagesFrom(91, 99), answer], 100);
    await settle();
    expect(conversation.find('id-7')).toMatchObject({ m: 7, text: 'text 7' });
    expect(await conversation.jumpToId('id-40')).toBe(true);
    expect(numbers(conversation)).toContain(40);
    expect(await conversation.jumpToId('id-0')).toBe(false);
  });
});
