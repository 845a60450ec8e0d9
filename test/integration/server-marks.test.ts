import { expect } from 'vitest';
import type { StreamEvent } from '../../src/client/frames.ts';
import { uuid7 } from '../../src/events/ids.ts';
import {
  everybodySees,
  makeCircle,
  messagesOf,
  type Person,
  post,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** Ann's circle with Ben in it, and a message of Ben's. */
const meeting = async (url: string) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  const id = uuid7();
  await post(ben, circle, { id, text: 'one' });
  const messages = messagesOf(circle);
  return {
    ann,
    ben,
    circle,
    id,
    messages,
    message: `${messages}/${id}`,
    s: `${circle}/${circle}`,
  };
};

const reactionPath = (message: string, emoji: string) =>
  `${message}/reactions/${encodeURIComponent(emoji)}`;

/** The status of an answer that has no body. */
const bare = ({ status, text }: { status: number; text: string }): number | string =>
  text === '' ? status : text;

it('reactions come and go, are counted for all, and say whether they are one’s own', async ({
  url,
}) => {
  const { ann, ben, circle, id, messages, message, s } = await meeting(url);
  const socket = await TestSocket.greet(url, ben);
  await socket.subscribe(s);
  const put = (person: Person, emoji: string) =>
    person.call(`PUT ${reactionPath(message, emoji)}`).then(bare);
  const take = (person: Person, emoji: string) =>
    person.call(`DELETE ${reactionPath(message, emoji)}`).then(bare);
  for (const emoji of ['👍', '❤️']) expect(await put(ann, emoji)).toBe(201);
  expect(await put(ann, '👍')).toBe(200);
  expect(await socket.command('react', { s, id, emoji: '👍' })).toMatchObject({ t: 'ok' });
  expect(await socket.command('react', { s, id, emoji: '1️⃣' })).toMatchObject({ t: 'ok' });
  const shown = async (person: Person) => {
    await everybodySees(person === ann ? ben : ann);
    return (await person.call(`GET ${messages}`)).body.messages?.[0]?.reactions;
  };
  const counted = (mine: readonly string[]) => ({
    '👍': { count: 2, me: true },
    '❤️': { count: 1, me: mine.includes('❤️') },
    '1️⃣': { count: 1, me: mine.includes('1️⃣') },
  });
  expect(await shown(ann)).toEqual(counted(['❤️']));
  expect(await shown(ben)).toEqual(counted(['1️⃣']));
  const [, reset] = await socket.subscribe(s);
  expect(reset?.messages?.[0]?.reactions).toEqual(counted(['1️⃣']));
  const got = await socket.ask({ t: 'get', s });
  expect(got.d?.messages?.[0]?.reactions).toEqual(counted(['1️⃣']));
  const edited = await ben.call(`PATCH ${message}`, { text: 'two' });
  expect(edited.body.message?.reactions).toEqual(counted(['1️⃣']));
  for (const emoji of ['👍', '👍', '❤️', '🐙']) expect(await take(ann, emoji)).toBe(204);
  expect(await shown(ann)).toEqual({
    '👍': { count: 1, me: false },
    '1️⃣': { count: 1, me: false },
  });
  const { n = 0 } = (await post(ann, circle)).body;
  await socket.event(s, n);
  const told = ({ k, by, d }: StreamEvent) => [k, by, 'emoji' in d ? d.emoji : ''];
  const events = socket.events(s).filter(({ k }) => k.startsWith('reaction-'));
  expect([...new Map(events.map((event) => [event.n, event])).values()].map(told)).toEqual([
    ['reaction-added', ann.id, '👍'],
    ['reaction-added', ann.id, '❤️'],
    ['reaction-added', ben.id, '👍'],
    ['reaction-added', ben.id, '1️⃣'],
    ['reaction-removed', ann.id, '👍'],
    ['reaction-removed', ann.id, '❤️'],
  ]);
  for (const { d } of events) expect(Object.keys(d)).toEqual(['id', 'emoji']);
  socket.close();
});

it('what is no emoji, no message or not yours to see is not reacted to [H1] [H4] [H6]', async ({
  url,
}) => {
  const { ann, ben, messages, message, circle } = await meeting(url);
  const cleo = await register(url, 'cleo');
  const misfit = await ann.call(`PUT ${reactionPath(message, 'ok')}`);
  expect(misfit).toMatchObject({ status: 400, body: { code: 'bad-request', field: 'emoji' } });
  const nowhere = reactionPath(`${messages}/${uuid7()}`, '👍');
  expect((await ann.call(`PUT ${nowhere}`)).body.code).toBe('not-found');
  expect((await ann.call(`DELETE ${nowhere}`)).body.code).toBe('not-found');
  for (const path of [reactionPath(message, '👍'), `${message}/pin`]) {
    for (const way of ['PUT', 'DELETE']) {
      expect((await cleo.call(`${way} ${path}`)).body.code).toBe('forbidden');
    }
  }
  for (const path of [`${message}/edits`, messages.replace('messages', 'pins')]) {
    expect((await cleo.call(`GET ${path}`)).body.code).toBe('forbidden');
  }
  await ben.call(`DELETE ${message}`);
  for (const path of [reactionPath(message, '👍'), `${message}/pin`]) {
    expect((await ann.call(`PUT ${path}`)).body.code).toBe('not-found');
  }
  await everybodySees(ben);
  const { messages: shown } = (await ann.call(`GET ${messagesOf(circle)}`)).body;
  expect(shown?.[0]).not.toHaveProperty('reactions');
});

it('a key makes a reaction and a pin repeatable, with the first answer [W8]', async ({ url }) => {
  const { ann, message } = await meeting(url);
  for (const path of [reactionPath(message, '👍'), `${message}/pin`]) {
    const key = { 'idempotency-key': uuid7() };
    const put = () => ann.call(`PUT ${path}`, undefined, key).then(bare);
    expect([await put(), await put()]).toEqual([201, 201]);
    expect(await ann.call(`DELETE ${path}`).then(bare)).toBe(204);
    expect(await put()).toBe(201);
    expect(await ann.call(`DELETE ${path}`, undefined, key)).toMatchObject({ status: 409 });
    expect(await ann.call(`PUT ${path}`).then(bare)).toBe(201);
  }
});

it('the owner pins; pins are listed, newest first and page by page, until deleted [H3] [H4]', async ({
  url,
}) => {
  const { ann, ben, circle, messages, message } = await meeting(url);
  const ids = Array.from({ length: 4 }, () => uuid7());
  for (const id of ids) await post(ann, circle, { id, text: `@${ben.username}` });
  const [first = '', second = '', third = '', fourth = ''] = ids;
  expect(await ben.call(`PUT ${message}/pin`)).toMatchObject({ status: 403 });
  for (const id of [second, first, fourth, third]) {
    expect(await ann.call(`PUT ${messages}/${id}/pin`).then(bare)).toBe(201);
  }
  expect(await ann.call(`PUT ${messages}/${first}/pin`).then(bare)).toBe(200);
  const list = messages.replace('messages', 'pins');
  const page = async (query: string) => {
    await everybodySees(ann);
    const { body } = await ben.call(`GET ${list}${query}`);
    return { ids: body.messages?.map(({ id }) => id), next: body.next, users: body.users };
  };
  const whole = await page('');
  expect(whole.ids).toEqual([third, fourth, first, second]);
  expect(whole.next).toBeUndefined();
  expect(whole.users?.map(({ id }) => id).toSorted()).toEqual([ann.id, ben.id].toSorted());
  const begun = await page('?limit=3');
  expect(begun.ids).toEqual([third, fourth, first]);
  expect(await page(`?limit=3&cursor=${begun.next}`)).toMatchObject({ ids: [second] });
  expect((await ben.call(`GET ${list}?cursor=x`)).body).toMatchObject({ field: 'cursor' });
  expect((await ann.call(`DELETE ${messages}/${fourth}/pin`)).status).toBe(204);
  expect((await ann.call(`DELETE ${messages}/${first}`)).status).toBe(204);
  expect((await page('')).ids).toEqual([third, second]);
  const history = (await ben.call(`GET ${messages}`)).body.messages ?? [];
  expect(history.filter(({ pinned }) => pinned).map(({ id }) => id)).toEqual([second, third]);
  expect((await ann.call(`PUT ${messages}/${second}/pin`)).status).toBe(200);
});

it('what a message said before is listed, oldest first and page by page', async ({ url }) => {
  const { ann, ben, message, messages } = await meeting(url);
  const edits = async (query = '') => {
    await everybodySees(ben);
    return (await ann.call(`GET ${message}/edits${query}`)).body;
  };
  expect(await edits()).toEqual({ edits: [] });
  const times: number[] = [(await ann.call(`GET ${messages}`)).body.messages?.[0]?.at ?? 0];
  for (const text of ['two', 'three', 'four']) {
    const { body } = await ben.call(`PATCH ${message}`, { text });
    expect(body.message).toMatchObject({ text });
    times.push(body.message?.editedAt ?? 0);
  }
  const all = ['one', 'two', 'three'].map((text, index) => ({ at: times[index], text }));
  expect(await edits()).toEqual({ edits: all });
  const seen: object[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Awaited<ReturnType<typeof edits>> = await edits(
      `?limit=1${cursor && `&cursor=${cursor}`}`,
    );
    expect(page.edits).toHaveLength(1);
    seen.push(...(page.edits ?? []));
    cursor = page.next;
  }
  expect(seen).toEqual(all);
  expect((await ann.call(`GET ${messages}/${uuid7()}/edits`)).status).toBe(404);
  await ben.call(`DELETE ${message}`);
  await everybodySees(ben);
  expect((await ann.call(`GET ${message}/edits`)).body.code).toBe('not-found');
});
