import { expect } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import { uuid7 } from '../../src/events/ids.ts';
import { call, makeCircle, messagesOf, post, register } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

it('a body of 64 KiB is taken, one byte more is too large [H6]', async ({ url }) => {
  const { token } = await register(url);
  const put = async (bytes: number) => {
    const raw = JSON.stringify({ name: 'Tea', visibility: 'public' }).padEnd(bytes, ' ');
    const { status } = await call(url, `PUT /v1/circles/${uuid7()}`, {
      ...{ token, raw, headers: { 'content-type': 'application/json' } },
    });
    return status;
  };
  expect(await put(limits.bodyBytesMax)).toBe(201);
  expect(await put(limits.bodyBytesMax + 1)).toBe(413);
});

it('the longest message fits into a frame, whatever it is written in [W14]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const socket = await TestSocket.greet(url, ann);
  for (const letter of ['\u{1F600}', '界', '"', '\n']) {
    const text = `a${letter.repeat(3998)}a`;
    const d = { s: `${circle}/${circle}`, id: uuid7(), text };
    expect(await socket.command('post-message', d)).toMatchObject({ t: 'ok' });
    expect((await socket.command('post-message', { ...d, text: `${text}a` })).field).toBe('text');
  }
  socket.close();
});

it('JSON of a member’s own nests until the body is 32 deep [H6]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const path = `PATCH /v1/circles/${circle}/members/me/data`;
  // The body is the first level, so 31 are left for what is in it.
  const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  expect((await ann.call(path, { data: deep(limits.depthMax - 1) })).status).toBe(200);
  const kept = await ann.call(`GET /v1/circles/${circle}/members/me/data`);
  expect(kept.body).toEqual({ data: deep(limits.depthMax - 1) });
  const refused = await ann.call(path, { data: deep(limits.depthMax) });
  expect([refused.status, refused.body.code]).toEqual([400, 'bad-request']);
});

it('a hundred people are found at once, and a page has 200 rows at most on every list', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const message = uuid7();
  await post(ann, circle, { id: message });
  const users = (count: number) => {
    const ids = [ann.id, ...Array.from({ length: count - 1 }, () => uuid7())];
    return ann.call(`GET /v1/users?ids=${ids.join(',')}`);
  };
  expect((await users(100)).body.users).toMatchObject([{ id: ann.id }]);
  expect((await users(101)).body).toMatchObject({ code: 'bad-request', field: 'ids' });
  const path = `/v1/circles/${circle}`;
  const lists = [
    ...['/v1/sessions?', '/v1/circles?', '/v1/circles?directory=public&', '/v1/directs?'],
    ...[`${path}/members?`, `${path}/invites?`, `${messagesOf(circle)}?`],
    ...[`${path}/streams/${circle}/pins?`, `${messagesOf(circle)}/${message}/edits?`],
  ];
  for (const list of lists) {
    const asked = async (limit: number) => {
      const { status, body } = await ann.call(`GET ${list}limit=${limit}`);
      return [list, limit, status, body.field];
    };
    expect(await asked(limits.pageMax)).toEqual([list, limits.pageMax, 200, undefined]);
    expect(await asked(1)).toEqual([list, 1, 200, undefined]);
    for (const wrong of [0, limits.pageMax + 1]) {
      expect(await asked(wrong)).toEqual([list, wrong, 400, 'limit']);
    }
  }
});

it('a question to the directory has 100 characters at most', async ({ url }) => {
  const ann = await register(url);
  const ask = (length: number) =>
    ann.call(`GET /v1/circles?directory=public&q=${encodeURIComponent('é'.repeat(length))}`);
  expect(await ask(100)).toMatchObject({ status: 200, body: { circles: [] } });
  expect(await ask(101)).toMatchObject({ status: 400, body: { field: 'q' } });
});

it('a page of 200 messages is whole, and the next begins where it ends [H4]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const socket = await TestSocket.greet(url, ann);
  const s = `${circle}/${circle}`;
  for (let m = 1; m <= limits.pageMax + 1; m += 20) {
    const left = Math.min(20, limits.pageMax + 2 - m);
    const posts = Array.from({ length: left }, () =>
      socket.command('post-message', { s, id: uuid7(), text: 'x' }),
    );
    await Promise.all(posts);
  }
  const page = async (query: string) => {
    const { body } = await ann.call(`GET ${messagesOf(circle)}?limit=200${query}`);
    const { messages = [], more } = body;
    return [messages.length, messages[0]?.m, messages.at(-1)?.m, more?.before, more?.after];
  };
  expect(await page('')).toEqual([200, 2, 201, true, false]);
  expect(await page('&before=2')).toEqual([1, 1, 1, false, true]);
  expect(await page('&after=0')).toEqual([200, 1, 200, false, true]);
  expect(await page('&after=200')).toEqual([1, 201, 201, true, false]);
  const [, reset] = await socket.subscribe(s, { last: 200 });
  expect(reset?.messages?.map(({ m }) => m)).toEqual(Array.from({ length: 200 }, (_, m) => m + 2));
  socket.close();
});
