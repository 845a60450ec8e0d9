import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { call, type HttpAnswer, password, register } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();
const itAlone = testOnOwnStages();
const newPassword = 'battery staple 2';

const logIn = (url: string, username: string, secret = password): Promise<HttpAnswer> =>
  call(url, 'POST /v1/sessions', { body: { username, password: secret } });

const kinds = (socket: TestSocket): string[] => socket.events('me').map(({ k }) => k);

it('a profile changes in what is named, on both wires; what changes nothing leaves no event', async ({
  url,
}) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  await socket.subscribe('me');
  const profile = { displayName: 'Ann', about: 'me', avatar: 'https://example.org/a.png' };
  const changed = await ann.call('PATCH /v1/me', profile);
  expect(changed.body.user).toEqual({ id: ann.id, username: ann.username, ...profile });
  expect((await ann.call('PATCH /v1/me', profile)).body).toEqual(changed.body);
  const answer = await socket.command('update-profile', { about: null, avatar: null });
  expect(answer.d?.user).toEqual({ id: ann.id, username: ann.username, displayName: 'Ann' });
  await ann.call('PATCH /v1/me', { displayName: null });
  expect((await ann.call('GET /v1/me')).body.user?.displayName).toBe(ann.username);
  await socket.event('me', 5);
  expect(kinds(socket)).toEqual(['profile-updated', 'profile-updated', 'profile-updated']);
  const wrong = { displayName: ' ', avatar: 'javascript:alert(1)', about: 'x'.repeat(1025) };
  for (const [field, value] of Object.entries({ ...wrong, username: 'other' })) {
    const { status, body } = await ann.call('PATCH /v1/me', { [field]: value });
    expect([status, body.field]).toEqual([400, field]);
  }
});

it('a change of the password ends all other sessions at once, and no other thing [H7]', async ({
  url,
}) => {
  const ann = await register(url);
  const other = (await logIn(url, ann.username)).body;
  const [mine, stolen] = [
    await TestSocket.greet(url, ann),
    await TestSocket.greet(url, { token: other.token ?? '' }),
  ];
  await mine.subscribe('me');
  const change = (body: object) => ann.call('PUT /v1/me/password', body);
  expect((await change({ password: 'not this', newPassword })).body).toMatchObject({
    ...{ code: 'forbidden', field: 'password' },
  });
  expect((await change({ password, newPassword: 'short' })).body.field).toBe('newPassword');
  expect((await change({ password, newPassword })).status).toBe(204);
  expect((await stolen.closed).code).toBe(4401);
  expect((await call(url, 'GET /v1/me', { token: other.token })).status).toBe(401);
  expect((await logIn(url, ann.username)).status).toBe(401);
  expect((await logIn(url, ann.username, newPassword)).status).toBe(201);
  expect((await ann.call('GET /v1/me')).status).toBe(200);
  await mine.event('me', 6);
  const [changed, closed] = mine.events('me');
  expect([changed?.k, changed?.d]).toEqual(['password-changed', {}]);
  expect([closed?.k, closed?.d]).toEqual(['session-closed', { id: other.session?.id }]);
});

it('no session that an old password opens outlives the answer, over HTTP or a socket', async ({
  url,
}) => {
  const ann = await register(url);
  const hello = async () => {
    const socket = await TestSocket.open(url);
    const { username } = ann;
    socket.send({ t: 'hello', id: 'h', v: 1, username, password });
    return socket;
  };
  const logins = [logIn(url, ann.username), logIn(url, ann.username)];
  const sockets = [hello(), hello()];
  const changed = ann.call('PUT /v1/me/password', { password, newPassword });
  for (let more = 0; more < 3; more++) {
    logins.push(logIn(url, ann.username));
    sockets.push(hello());
  }
  expect((await changed).status).toBe(204);
  for (const login of logins) {
    const { status, body } = await login;
    expect([201, 401]).toContain(status);
    expect((await call(url, 'GET /v1/me', { token: body.token ?? 'none' })).status).toBe(401);
  }
  for (const socket of sockets) expect((await (await socket).closed).code).toBe(4401);
  expect((await ann.call('GET /v1/sessions')).body.sessions).toHaveLength(1);
});

itAlone('after a crash a changed password and a log-out still hold', async ({ stage }) => {
  const { url } = await stage.server();
  const ann = await register(url);
  const { token } = (await logIn(url, ann.username)).body;
  const { token: another } = (await logIn(url, ann.username)).body;
  expect((await call(url, 'DELETE /v1/sessions/current', { token: another })).status).toBe(204);
  expect((await ann.call('PUT /v1/me/password', { password, newPassword })).status).toBe(204);
  await (await stage.server()).kill();
  await stage.restart();
  for (const old of [token, another]) {
    expect((await call(url, 'GET /v1/me', { token: old })).status).toBe(401);
  }
  expect((await logIn(url, ann.username)).status).toBe(401);
  expect((await logIn(url, ann.username, newPassword)).status).toBe(201);
  expect((await ann.call('GET /v1/me')).status).toBe(200);
});

it('sessions are paged, oldest first, and say what they are', async ({ url }) => {
  const ann = await register(url);
  for (const agent of ['phone', 'tablet']) {
    await call(url, 'POST /v1/sessions', {
      body: { username: ann.username, password },
      headers: { 'user-agent': agent },
    });
  }
  const first = (await ann.call('GET /v1/sessions?limit=2')).body;
  expect(first.sessions?.map(({ current, userAgent }) => [current, userAgent])).toEqual([
    [true, 'node'],
    [false, 'phone'],
  ]);
  const rest = (await ann.call(`GET /v1/sessions?limit=2&cursor=${first.next}`)).body;
  expect(rest.sessions?.map(({ userAgent }) => userAgent)).toEqual(['tablet']);
  expect(rest).not.toHaveProperty('next');
  expect((await ann.call('GET /v1/sessions?limit=0')).body.field).toBe('limit');
});

it('a session is ended once; what never was, or is of another, is not found [H4]', async ({
  url,
}) => {
  const [ann, ben] = [await register(url), await register(url, 'ben')];
  const end = async (id = '') => (await ann.call(`DELETE /v1/sessions/${id}`)).status;
  const { session } = (await logIn(url, ann.username)).body;
  expect(await end(session?.id)).toBe(204);
  expect(await end(session?.id)).toBe(204);
  for (const id of [ben.session, uuid7(), randomUUID(), 'x', 'OTHERS']) {
    expect([id, await end(id)]).toEqual([id, 404]);
  }
  expect((await ben.call('GET /v1/me')).status).toBe(200);
  expect(await end('others')).toBe(204);
  expect(await end(ann.session)).toBe(204);
  expect((await ann.call('GET /v1/me')).status).toBe(401);
});

it('a login marks the device; behind TLS the session cookie is __Host- and Secure, and a socket takes it [H7]', async ({
  url,
}) => {
  const ann = await register(url);
  const forwarded = { 'x-forwarded-proto': 'https' };
  const body = { username: ann.username, password };
  const inBrowser = { ...forwarded, 'sec-fetch-site': 'same-origin' };
  const { headers } = await call(url, 'POST /v1/sessions', { body, headers: inBrowser });
  const [session = '', device = ''] = headers.getSetCookie();
  expect(session).toMatch(
    /^__Host-oshi_session=[\w-]{43}\.[0-9a-f-]{36}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(device).toMatch(
    /^oshi_device=[\w.-]+; Max-Age=31536000; Path=\/v1\/sessions; HttpOnly; Secure; SameSite=Strict$/,
  );
  const cookie = session.split(';', 1).join('');
  const origin = url.replace('http:', 'https:');
  const socket = await TestSocket.open(url, { headers: { ...forwarded, cookie, origin } });
  expect((await socket.ask({ t: 'hello', v: 1 })).d?.user?.id).toBe(ann.id);
  const planted = cookie.replace('__Host-', '');
  const behindTls = { headers: { ...forwarded, cookie: planted } };
  expect((await call(url, 'GET /v1/me', behindTls)).status).toBe(401);
  socket.close();
  const other = await TestSocket.open(url, { headers: { ...forwarded, cookie: planted, origin } });
  other.send({ t: 'hello', id: '1', v: 1 });
  expect((await other.closed).code).toBe(4401);
  const change = { password, newPassword };
  const changed = await ann.call('PUT /v1/me/password', change, inBrowser);
  expect(changed.headers.getSetCookie()).toEqual([expect.stringMatching(/^oshi_device=/)]);
});

it('who registers in a page is logged in by the cookie; logging out takes it away [H7]', async ({
  url,
}) => {
  const username = `page-${randomUUID().slice(0, 12)}`;
  const made = await call(url, 'POST /v1/users', { body: { username, password } });
  const [given = ''] = made.headers.getSetCookie();
  expect(given).toMatch(
    /^oshi_session=[\w-]{43}\.[0-9a-f-]{36}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const headers = { cookie: given.split(';', 1).join('') };
  const bearer = await call(url, 'DELETE /v1/sessions/others', { token: made.body.token });
  expect(bearer.headers.getSetCookie()).toEqual([]);
  expect((await call(url, 'GET /v1/me', { headers })).body.user?.username).toBe(username);
  const out = await call(url, 'DELETE /v1/sessions/current', { headers });
  expect(out.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^oshi_session=; .*Path=\/; .*Expires=Thu, 01 Jan 1970/),
  ]);
  expect((await call(url, 'GET /v1/me', { headers })).status).toBe(401);
});
