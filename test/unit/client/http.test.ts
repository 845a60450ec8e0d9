import { expect, it, vi } from 'vitest';
import { every, Http, wholeList } from '../../../src/client/http.ts';
import type { HttpOptions } from '../../../src/client/http-request.ts';

type Asked = { readonly url: string; readonly method: string; readonly headers: object };

/** An `Http` with a fake server, and its recorded requests. */
const stage = (
  answers: readonly (readonly [status: number, body?: unknown])[],
  token?: HttpOptions['token'],
  options?: Partial<HttpOptions>,
) => {
  const asked: Asked[] = [];
  const left = [...answers];
  const fetcher = (async (url: string, request: Omit<Asked, 'url'>) => {
    asked.push({ url, ...request });
    const [status, body] = left.shift() ?? [500];
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    return new Response(status === 204 ? null : (text as string), { status });
  }) as unknown as typeof fetch;
  const url = 'https://chat.example.org/';
  return { asked, http: new Http({ url, token, fetch: fetcher, ...options }) };
};

it('sends a token, which may change, or relies on the cookie', async () => {
  const user = { id: 'u', username: 'ada', displayName: 'Ada' };
  let token: string | undefined = 'first';
  const { asked, http } = stage(
    [
      [200, { user }],
      [200, { user }],
      [200, { user }],
    ],
    () => token,
  );
  expect(await http.me()).toEqual(user);
  token = 'second';
  await http.me();
  token = undefined;
  await http.me();
  expect(asked).toEqual([
    {
      url: 'https://chat.example.org/v1/me',
      method: 'GET',
      headers: { authorization: 'Bearer first' },
    },
    expect.objectContaining({ headers: { authorization: 'Bearer second' } }),
    expect.objectContaining({ headers: {} }),
  ]);
});

it('names the expected user, and reports another user’s session [H7]', async () => {
  const options = { user: 'ada', onOtherUser: vi.fn() };
  const { asked, http } = stage(
    [
      [204],
      [403, { code: 'forbidden' }],
      [400, { code: 'bad-request', field: 'Oshi-User' }],
      [403, { code: 'forbidden', field: 'Oshi-User' }],
    ],
    undefined,
    options,
  );
  await http.logOut();
  expect(asked).toEqual([expect.objectContaining({ headers: { 'Oshi-User': 'ada' } })]);
  for (const code of ['forbidden', 'bad-request']) {
    await expect(http.logOut()).rejects.toMatchObject({ code });
  }
  expect(options.onOtherUser).not.toHaveBeenCalled();
  await expect(http.logOut()).rejects.toMatchObject({ code: 'forbidden', field: 'Oshi-User' });
  expect(options.onOtherUser).toHaveBeenCalledOnce();
});

it('escapes paths and queries, and omits undefined parameters', async () => {
  const { asked, http } = stage(
    Array.from({ length: 9 }, () => [200, {}] as const),
    't',
  );
  await http.userByName('a&b');
  await http.users(['a', 'b']);
  await http.directory({ q: 'tea & milk', limit: 10 });
  await http.circles();
  await http.members('c', { cursor: 'x/y' });
  await http.invite('a/../b');
  await http.history('c/s', { before: 7, limit: 2 });
  await http.edits('c/s', 'm');
  await http.unread();
  expect(asked.map(({ url }) => url.slice('https://chat.example.org'.length))).toEqual([
    '/v1/users?username=a%26b',
    '/v1/users?ids=a%2Cb',
    '/v1/circles?directory=public&q=tea+%26+milk&limit=10',
    '/v1/circles',
    '/v1/circles/c/members?cursor=x%2Fy',
    '/v1/invites/a%2F..%2Fb',
    '/v1/circles/c/streams/s/messages?before=7&limit=2',
    '/v1/circles/c/streams/s/messages/m/edits',
    '/v1/unread',
  ]);
});

it('changes a password, ends sessions, and returns nothing for an empty body', async () => {
  const { asked, http } = stage(Array.from({ length: 4 }, () => [204] as const));
  expect(await http.changePassword('old', 'new')).toBeUndefined();
  expect(await http.closeSession('s1')).toBeUndefined();
  expect(await http.closeOtherSessions()).toBeUndefined();
  expect(await http.logOut()).toBeUndefined();
  expect(asked.map(({ method, url }) => `${method} ${url.slice(24)}`)).toEqual([
    'PUT /v1/me/password',
    'DELETE /v1/sessions/s1',
    'DELETE /v1/sessions/others',
    'DELETE /v1/sessions/current',
  ]);
  expect(asked[0]).toMatchObject({ body: '{"password":"old","newPassword":"new"}' });
});

it('rejects with the error of the server, or with its own if a proxy answers', async () => {
  const problem = { code: 'forbidden', detail: 'no', field: 'password', status: 403 };
  const { http } = stage([[403, problem], [200, '<html>log in to the hotel</html>'], [503], [504]]);
  await expect(http.changePassword('a', 'b')).rejects.toMatchObject({
    ...{ name: 'OshiError', code: 'forbidden', field: 'password', message: 'no' },
  });
  await expect(http.me()).rejects.toMatchObject({ code: 'internal', message: 'status 200' });
  await expect(http.me()).rejects.toMatchObject({ code: 'unavailable', message: 'status 503' });
  await expect(http.me()).rejects.toMatchObject({ code: 'timeout', message: 'status 504' });
});

it('reads a list to its end', async () => {
  const pages: [number, object][] = [
    [200, { members: [1, 2], next: 'two' }],
    [200, { members: [3] }],
  ];
  const { asked, http } = stage([...pages, ...pages]);
  expect(await wholeList((page) => http.members('c', page), 'members')).toEqual([1, 2, 3]);
  const all: unknown[] = [];
  for await (const member of every((page) => http.members('c', page), 'members')) all.push(member);
  expect(all).toEqual([1, 2, 3]);
  expect(asked.slice(2).map(({ url }) => url.slice(24))).toEqual([
    '/v1/circles/c/members',
    '/v1/circles/c/members?cursor=two',
  ]);
});

it('requests the audit trail and past states of a circle', async () => {
  const { asked, http } = stage([
    [200, { entries: [], users: [] }],
    [200, {}],
    [200, {}],
    [200, {}],
    [200, { projections: [] }],
  ]);
  await http.audit('c', { by: 'a&b', since: 7, order: 'asc', limit: 1 });
  await http.circleThen('c', 1);
  await http.members('c', { at: '2026-03-03', cursor: 'x' });
  await http.history('c/s', { before: 7, at: 12 });
  expect(await http.projections('c')).toEqual([]);
  expect(asked.map(({ url }) => url.slice('https://chat.example.org/v1/circles/c'.length))).toEqual(
    [
      '/audit?by=a%26b&since=7&order=asc&limit=1',
      '?at=1',
      '/members?at=2026-03-03&cursor=x',
      '/streams/s/messages?before=7&at=12',
      '/projections',
    ],
  );
});
