import { expect } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

const avatar = 'https://example.org/ben.png';
const dataOf = (circle: string) => `/v1/circles/${circle}/members/me/data`;
const meeting = async (url: string, visibility: 'public' | 'private' = 'public') => {
  const [ann, ben, eve] = (await registerAll(url, ['a', 'b', 'e'])) as [Person, Person, Person];
  const circle = await makeCircle(ann, [ben], visibility);
  return { ann, ben, eve, circle, path: dataOf(circle) };
};

it('each field that is named is replaced, and null removes it', async ({ url }) => {
  const { ann, ben, path, circle } = await meeting(url);
  const set = async (change: object) => (await ben.call(`PATCH ${path}`, change)).body;
  const data = { $set: { 'a.b': [1, null, '🐙'] }, __proto__: 1, constructor: { deep: true } };
  const json = JSON.parse(`${JSON.stringify(data).slice(0, -1)},"__proto__":{"x":1}}`);
  expect(await set({})).toEqual({});
  expect(await set({ nickname: 'Benni', avatar })).toEqual({ nickname: 'Benni', avatar });
  expect(await set({ data: json })).toEqual({ nickname: 'Benni', avatar, data: json });
  expect((await ben.call(`GET ${path}`)).text).toContain('"__proto__":{"x":1}');
  expect(await set({ avatar: null })).toEqual({ nickname: 'Benni', data: json });
  for (const value of [0, false, '', [], 'text'] as const) {
    expect(await set({ data: value })).toEqual({ nickname: 'Benni', data: value });
  }
  expect(await set({ data: null })).toEqual({ nickname: 'Benni' });
  expect((await ann.call(`GET ${path}`)).body).toEqual({});
  const members = (await ann.call(`GET /v1/circles/${circle}/members`)).body.members ?? [];
  const named = members.map(({ user, joinedAt: _, ...names }) => [user.id, names]);
  expect(new Map(named as [string, object][])).toEqual(
    new Map<string, object>([
      [ann.id, {}],
      [ben.id, { nickname: 'Benni' }],
    ]),
  );
});

it('data has 4,096 bytes of compact JSON at most; what does not fit is named [H6]', async ({
  url,
}) => {
  const { ben, path } = await meeting(url);
  const max = limits.memberDataBytesMax;
  const full = 'é'.repeat((max - 2) / 2);
  expect((await ben.call(`PATCH ${path}`, { data: full })).body).toEqual({ data: full });
  expect((await ben.call(`PATCH ${path}`, { data: [full.slice(1)] })).status).toBe(200);
  const wrong: [string, unknown][] = [
    ['data', `${full}a`],
    ['data', [full]],
    ['data', { text: '\u0000' }],
    ['data', { '\ud800': 1 }],
    ['nickname', ''],
    ['nickname', '  '],
    ['nickname', 'n'.repeat(101)],
    ['nickname', 1],
    ['avatar', 'javascript:alert(1)'],
    ['avatar', 'not a url'],
    ['avatar', `https://example.org/${'a'.repeat(1024)}`],
    ['theme', 'dark'],
  ];
  for (const [field, value] of wrong) {
    const { status, body } = await ben.call(`PATCH ${path}`, { [field]: value });
    expect([field, status, body.code, body.field]).toEqual([field, 400, 'bad-request', field]);
  }
  const longest = `https://example.org/${'a'.repeat(1004)}`;
  const fits = await ben.call(`PATCH ${path}`, { nickname: '😀'.repeat(100), avatar: longest });
  expect(fits.status).toBe(200);
});

it('data is kept as it was sent, or refused by its name, on both wires [H6]', async ({ url }) => {
  const { ben, circle, path } = await meeting(url);
  const set = (json: string, more = '') =>
    call(url, `PATCH ${path}`, { token: ben.token, raw: `{"data":${json}${more}}` });
  const socket = await TestSocket.greet(url, ben);
  const refused = { code: 'bad-request', field: 'data' };
  for (const bad of [
    '1e400',
    '[-1e999]',
    '{"a":{"b":1e400}}',
    '{"a":"\\ud800"}',
    '{"\\udc00":1}',
  ]) {
    expect(await set(bad), bad).toMatchObject({ status: 400, body: refused });
    const id = `bad ${bad}`;
    const d = `{"circle":"${circle}","data":${bad}}`;
    socket.socket.send(`{"t":"cmd","id":${JSON.stringify(id)},"op":"set-member-data","d":${d}}`);
    expect(await socket.until((frame) => frame.id === id)).toMatchObject({ t: 'err', ...refused });
    // A third frame in a row that is malformed would close the connection.
    await socket.ask({ t: 'get', s: `${circle}/${circle}` });
  }
  expect((await ben.call(`GET ${path}`)).text).toBe('{}');
  const kept = [
    ['[-0,1e-400,1E+2,0.1]', '[0,0,100,0.1]'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"__proto__":{"x":1},"constructor":2}', '{"__proto__":{"x":1},"constructor":2}'],
  ];
  for (const [sent = '', json] of kept) {
    expect((await set(sent)).text).toBe(`{"data":${json}}`);
    expect((await ben.call(`GET ${path}`)).text).toBe(`{"data":${json}}`);
  }
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const answer = await set('1', `,"${name}":{}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request', field: name } });
  }
  socket.close();
});

it('members hear the names, and nobody the data [W5]', async ({ url }) => {
  const { ann, ben, circle, path } = await meeting(url);
  const socket = await TestSocket.greet(url, ann);
  const [, reset] = await socket.subscribe(circle);
  const n = reset?.n ?? 0;
  const answer = await (await TestSocket.greet(url, ben)).command('set-member-data', {
    circle,
    ...{ nickname: 'Benni', avatar: null, data: 'secret' },
  });
  expect(answer.d).toEqual({ nickname: 'Benni', data: 'secret' });
  await ben.call(`PATCH ${path}`, { data: 'other' });
  expect(await socket.event(circle, n + 1)).toMatchObject({
    k: 'member-data-changed',
    d: { user: ben.id, nickname: 'Benni', avatar: null },
  });
  expect((await socket.event(circle, n + 2)).d).toEqual({ user: ben.id });
  expect(JSON.stringify(socket.frames)).not.toMatch(/secret|other/);
  expect((await ann.call(`GET /v1/circles/${circle}`)).body.circle?.n).toBe(n + 2);
  socket.close();
});

it("a member's name stands beside their messages, in pages and resets", async ({ url }) => {
  const { ann, ben, circle, path } = await meeting(url);
  await ben.call(`PATCH ${path}`, { nickname: 'Benni', data: 'secret' });
  await post(ben, circle);
  await post(ann, circle, { text: 'hi' });
  const socket = await TestSocket.greet(url, ann);
  const [, reset] = await socket.subscribe(`${circle}/${circle}`);
  const page = (await ann.call(`GET ${messagesOf(circle)}`)).body;
  for (const users of [page.users, reset?.users]) {
    const named = (users ?? []).map(({ id, ...rest }) => [id, 'member' in rest && rest.member]);
    expect(new Map(named as [string, unknown][])).toEqual(
      new Map<string, unknown>([
        [ann.id, false],
        [ben.id, { nickname: 'Benni' }],
      ]),
    );
  }
  socket.close();
});

it('what a member said of themselves is gone when they are, and outsiders have none [H1]', async ({
  url,
}) => {
  for (const visibility of ['public', 'private'] as const) {
    const { ann, ben, eve, circle, path } = await meeting(url);
    await ben.call(`PATCH ${path}`, { nickname: 'Benni', data: 1 });
    await ben.call(`DELETE /v1/circles/${circle}/members/me`);
    await ben.call(`PUT /v1/circles/${circle}/members/me`, {});
    expect((await ben.call(`GET ${path}`)).body).toEqual({});
    await ben.call(`PATCH ${path}`, { nickname: 'Benni' });
    await ann.call(`PATCH /v1/circles/${circle}`, { visibility });
    await ann.call(`DELETE /v1/circles/${circle}/members/${ben.id}`);
    const code = visibility === 'public' ? 'forbidden' : 'not-found';
    for (const person of [ben, eve]) {
      expect((await person.call(`GET ${path}`)).body.code).toBe(code);
      expect((await person.call(`PATCH ${path}`, { nickname: 'X' })).body.code).toBe(code);
    }
  }
});
