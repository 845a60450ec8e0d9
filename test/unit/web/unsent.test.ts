import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import { OshiError } from '../../../src/client/error.ts';
import type { Message } from '../../../src/client/objects.ts';
import { AccountStorage, removeOld } from '../../../web/src/state/account-storage.ts';
import { Drafts } from '../../../web/src/state/drafts.ts';
import { Outboxes } from '../../../web/src/state/outboxes.ts';
import type { Storage } from '../../../web/src/state/storage.ts';
import { memoryStorage, memoryTabs } from '../../support/doubles/memory-storage.ts';

const s = 'c/s';
const dayMs = 86_400_000;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const closed = new OshiError('closed', { code: 'closed' });

type Sent = { readonly s: string; readonly id: string; readonly text: string };
type Answer = { resolve: (posted: { m: number }) => void; reject: (error: Error) => void };

/** The page of one account in this browser, with a fake server. */
const pageOf = (user: string, storage: Storage, now = 0) => {
  const kept = new AccountStorage(storage, user, () => now);
  const sent: Sent[] = [];
  const answers: Answer[] = [];
  const failed: string[] = [];
  const client = {
    post: (stream: string, text: string, { id = '' }: { id?: string }) => {
      sent.push({ s: stream, id, text });
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
  } as unknown as Pick<Client, 'post'>;
  const onFailed = (stream: string) => failed.push(stream);
  const outboxes = new Outboxes({ client, storage: kept, now: () => now, onFailed });
  const leave = async (): Promise<void> => {
    for (const { reject } of answers) reject(closed);
    await settle();
  };
  return { drafts: new Drafts(kept), outboxes, sent, answers, failed, leave };
};

const message: Message = { id: 'm1', s, m: 1, n: 1, at: 0, by: 'ada', text: 'Hello' };

it('drafts are shared by all tabs: text written, sent or discarded in one is so in the others', async () => {
  let now = 0;
  const tab = memoryTabs();
  const open = () => new Drafts(new AccountStorage(tab(), 'ada', () => (now += 1)));
  const [here, there, other] = [open(), open(), open()];
  const [one, two] = [here.of(s), there.of(s)];
  one.text.value = 'half a thought';
  await settle();
  two.text.value += ', and the rest';
  two.replyTo.value = 'm7';
  await settle();
  expect([one.text.value, one.replyTo.value]).toEqual(['half a thought, and the rest', 'm7']);
  one.editing.start(message);
  one.editing.write('Hello, everybody');
  await settle();
  // An edit is open only in its tab, and can be resumed in any.
  expect(two.editing.id.value).toBeUndefined();
  two.editing.start(message);
  expect(two.editing.text.value).toBe('Hello, everybody');
  two.editing.write('Hello, you');
  await settle();
  expect([one.editing.id.value, one.editing.text.value]).toEqual(['m1', 'Hello, you']);
  two.editing.cancel();
  await settle();
  expect(one.editing.id.value).toBeUndefined();
  one.text.value = '';
  await settle();
  expect([two.text.value, other.of(s).replyTo.value]).toEqual(['', 'm7']);
  there.close();
  one.text.value = 'after it was closed';
  await settle();
  expect(two.text.value).toBe('');
});

describe('a draft', () => {
  it('survives a reload, with its reply and every unfinished edit', () => {
    const storage = memoryStorage();
    const { text, replyTo, editing } = pageOf('ada', storage).drafts.of(s);
    text.value = 'half a thought';
    replyTo.value = 'm7';
    editing.start(message);
    editing.write('Hello, everybody');
    editing.suspend();
    editing.start({ ...message, id: 'm2', text: 'Bye' });
    editing.write('Goodbye');
    const after = pageOf('ada', storage).drafts.of(s);
    expect([after.text.value, after.replyTo.value]).toEqual(['half a thought', 'm7']);
    expect([after.editing.id.value, after.editing.text.value]).toEqual(['m2', 'Goodbye']);
    after.editing.start(message);
    expect(after.editing.text.value).toBe('Hello, everybody');
  });

  it('is removed when sent or discarded', () => {
    const kept = new Map<string, string>();
    const { text, replyTo, editing } = pageOf('ada', memoryStorage(kept)).drafts.of(s);
    text.value = 'half a thought';
    replyTo.value = 'm7';
    editing.start(message);
    editing.write('Hello, everybody');
    expect(kept.size).toBe(1);
    text.value = '';
    replyTo.value = undefined;
    editing.cancel();
    editing.start(message);
    editing.suspend();
    expect(kept.size).toBe(0);
  });

  it('is removed after 30 days, for every account; so are unreadable entries', () => {
    const kept = new Map([
      ['oshi:ada:draft:x', '{'],
      ['oshi-theme', 'dark'],
    ]);
    const storage = memoryStorage(kept);
    pageOf('ada', storage, 0).drafts.of(s).text.value = 'old';
    pageOf('ben', storage, 20 * dayMs).drafts.of(s).text.value = 'young';
    removeOld(storage, 31 * dayMs);
    expect([...kept.keys()]).toEqual(['oshi-theme', 'oshi:ben:draft:c/s']);
  });
});

describe('an edit being saved', () => {
  const edited = () => {
    const editing = pageOf('ada', memoryStorage()).drafts.of(s).editing;
    const answers: Answer[] = [];
    const signals: (AbortSignal | undefined)[] = [];
    const client = {
      command: (_: string, __: object, { signal }: { signal?: AbortSignal }) => {
        signals.push(signal);
        return new Promise((resolve, reject) =>
          answers.push({ resolve: resolve as Answer['resolve'], reject }),
        );
      },
    } as unknown as Pick<Client, 'command'>;
    editing.start(message);
    editing.write('Better');
    const saved = editing.save(client, s, 'Better');
    return { editing, answers, signals, saved };
  };

  it('stays open until the server has it', async () => {
    const { editing, answers, saved } = edited();
    expect([editing.isSaving.value, editing.text.value]).toEqual([true, 'Better']);
    answers[0]?.resolve({ m: 1 });
    expect(await saved).toBe(true);
    expect([editing.id.value, editing.isSaving.value]).toEqual([undefined, false]);
  });

  it('stays open with the reason if it is refused', async () => {
    const { editing, answers, saved } = edited();
    answers[0]?.reject(new OshiError('no', { code: 'archived' }));
    expect(await saved).toBe(true);
    expect([editing.text.value, editing.isSaving.value]).toEqual(['Better', false]);
    expect(editing.problem.value).toContain('archived');
  });

  it('is returned if the message was deleted', async () => {
    const { editing, answers, saved } = edited();
    answers[0]?.reject(new OshiError('no', { code: 'not-found' }));
    expect(await saved).toBe(false);
    expect(editing.id.value).toBeUndefined();
  });

  it('is withdrawn when cancelled, without effect on later edits', async () => {
    const { editing, answers, signals, saved } = edited();
    editing.cancel();
    expect(signals[0]?.aborted).toBe(true);
    editing.start({ ...message, id: 'm2' });
    answers[0]?.reject(new OshiError('no', { code: 'cancelled' }));
    await saved;
    expect([editing.id.value, editing.problem.value]).toEqual(['m2', '']);
  });
});

describe('an outgoing message', () => {
  it('is sent after a reload with the same id, until it is answered [W8]', async () => {
    const storage = memoryStorage();
    const first = pageOf('ada', storage);
    void first.outboxes.send(s, { id: 'b', text: 'second', at: 2, replyTo: 'm1' });
    void first.outboxes.send('c/t', { id: 'a', text: 'first', at: 1 });
    await first.leave();
    const second = pageOf('ada', storage);
    expect(second.sent.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(second.outboxes.of(s).value).toMatchObject([{ id: 'b', replyTo: 'm1' }]);
    second.answers[0]?.resolve({ m: 1 });
    await settle();
    await second.leave();
    const third = pageOf('ada', storage);
    expect(third.sent).toEqual([{ s, id: 'b', text: 'second' }]);
    // Its event may come before the answer.
    third.outboxes.settle(s, new Set(['b']), 9);
    expect(pageOf('ada', storage).sent).toEqual([]);
  });

  it('that was refused is kept with the reason, and not retried automatically', async () => {
    const storage = memoryStorage();
    const { outboxes, answers, failed } = pageOf('ada', storage);
    void outboxes.send(s, { id: 'a', text: 'Hello', at: 1 });
    answers[0]?.reject(new OshiError('no', { code: 'archived' }));
    await settle();
    expect(failed).toEqual([s]);
    const after = pageOf('ada', storage);
    expect(after.sent).toEqual([]);
    const [kept] = after.outboxes.of(s).value;
    expect(kept).toMatchObject({ state: 'failed', reason: expect.stringContaining('archived') });
    after.outboxes.retry(s, 'a');
    expect(after.sent).toEqual([{ s, id: 'a', text: 'Hello' }]);
    after.outboxes.discard(s, 'a');
    expect(pageOf('ada', storage).outboxes.of(s).value).toEqual([]);
  });

  it('that waited for more than a day is only sent on request', () => {
    const storage = memoryStorage();
    void pageOf('ada', storage).outboxes.send(s, { id: 'a', text: 'Hello', at: 1 });
    const after = pageOf('ada', storage, 2 * dayMs);
    expect(after.sent).toEqual([]);
    expect(after.outboxes.of(s).value).toMatchObject([{ state: 'failed' }]);
  });
});

const users = ['ada', 'ada2', 'a', 'ben'] as const;
const step = fc.record({
  user: fc.constantFrom(...users),
  does: fc.constantFrom('drafts', 'posts', 'edits', 'is answered', 'is refused'),
  s: fc.constantFrom('c/s', 'c/t'),
});

/** Every text that a page holds. */
const textsOf = ({ drafts, outboxes }: ReturnType<typeof pageOf>): string[] =>
  ['c/s', 'c/t'].flatMap((name) => {
    const { text, editing } = drafts.of(name);
    const outgoing = outboxes.of(name).value.map((each) => each.text);
    return [text.value, ...Object.values(editing.edits.value.texts), ...outgoing];
  });

type Deed = (page: ReturnType<typeof pageOf>, stream: string, text: string) => void;

const deeds: Readonly<Record<string, Deed>> = {
  drafts: ({ drafts }, stream, text) => {
    drafts.of(stream).text.value = text;
  },
  edits: ({ drafts }, stream, text) => {
    drafts.of(stream).editing.start({ ...message, text: '' });
    drafts.of(stream).editing.write(text);
  },
  posts: ({ outboxes }, stream, text) => {
    void outboxes.send(stream, { id: text, text, at: 1 });
  },
  'is answered': ({ answers }) => answers[0]?.resolve({ m: 1 }),
  'is refused': ({ answers }) => answers[0]?.reject(new OshiError('no', { code: 'archived' })),
};

it('unsent text of one account is never read or sent by another in the same browser', async () => {
  const history = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const storage = memoryStorage();
    const waiting = new Set<string>();
    for (const [index, { user, does, s: stream }] of steps.entries()) {
      const page = pageOf(user, storage);
      const isOwn = (text: string): boolean => text === '' || text.endsWith(` of ${user}`);
      expect(textsOf(page).filter((text) => !isOwn(text))).toEqual([]);
      // Each account only sends its own messages.
      const sent = page.sent.map(({ id }) => id);
      expect(new Set(sent)).toEqual(new Set([...waiting].filter(isOwn)));
      if (does.startsWith('is ')) waiting.delete(sent[0] ?? '');
      const text = `words ${index} of ${user}`;
      if (does === 'posts') waiting.add(text);
      deeds[does]?.(page, stream, text);
      await settle();
      await page.leave();
    }
  });
  await fc.assert(history, { numRuns: 60 });
});
