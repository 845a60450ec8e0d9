import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import {
  call,
  makeCircle,
  messagesOf,
  password,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

it('errors are application/problem+json with a code and the field [H6]', async ({ url }) => {
  const ann = await register(url);
  const answer = await ann.call(`PUT /v1/circles/${uuid7()}`, {
    name: 'Tea',
    visibility: 'secret',
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status: 400, code: 'bad-request', field: 'visibility' });
});

it('bodies are JSON in UTF-8 of at most 64 KiB, or refused [H6]', async ({ url }) => {
  const { token } = await register(url);
  const put = (raw: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
    call(url, `PUT /v1/circles/${uuid7()}`, { token, raw, headers: { 'content-type': type } });
  const good = '{"name":"Tea","visibility":"public"}';
  expect((await put(good)).status).toBe(201);
  expect((await put(good, 'application/json; charset=utf-8')).status).toBe(201);
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'x',
  ]) {
    expect(await put(good, type)).toMatchObject({ status: 415, body: { code: 'unsupported' } });
  }
  for (const bad of ['{', 'x', '[]', '"x"', 'null', '7', '{"name":"Tea"}', `${good}${good}`]) {
    expect(await put(bad)).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  }
  const invalid = Uint8Array.from(Buffer.from(good.replace('Tea', 'T\u00e4\u00e4'), 'latin1'));
  expect(await put(invalid)).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  const large = good.replace('Tea', 'x'.repeat(65_536));
  expect(await put(large)).toMatchObject({ status: 413, body: { code: 'too-large' } });
});

it('strings are well-formed Unicode without U+0000; a text has something to see [H6]', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const say = (text: unknown) => ann.call(`PUT ${messagesOf(circle)}/${uuid7()}`, { text });
  const bad = [
    '\ud800',
    'a\udfff',
    '\u0000',
    'a\u0000b',
    '',
    ' \n\t',
    '\u00a0\u3000',
    7,
    null,
    ['x'],
  ];
  for (const text of [...bad, 'x'.repeat(4001), '👍'.repeat(4001)]) {
    expect((await say(text)).body).toMatchObject({ code: 'bad-request', field: 'text' });
  }
  for (const text of ['x', '👍'.repeat(4000), ' x ', '\u202e!', 'a\nb', '<b>&']) {
    expect((await say(text)).status).toBe(201);
  }
  const { messages = [] } = (await ann.call(`GET ${messagesOf(circle)}`)).body;
  expect(messages.at(-1)?.text).toBe('<b>&');
  for (const name of ['x', ' '.repeat(5), 'x'.repeat(101), 'T\u0000', '\ud800\ud800']) {
    const made = await ann.call(`PUT /v1/circles/${uuid7()}`, { name, visibility: 'public' });
    expect([name, made.body.field]).toEqual([name, 'name']);
  }
});

it('usernames and passwords have a form; names are one whatever their case or width', async ({
  url,
}) => {
  const take = (username: unknown, secret: unknown = password) =>
    call(url, 'POST /v1/users', { body: { username, password: secret } });
  const bad = [
    'a',
    'x'.repeat(33),
    'a b',
    'a@b',
    'a/b',
    '@ann',
    'a\u200bb',
    'ab\ud800',
    '',
    7,
    null,
  ];
  for (const name of bad) {
    expect([name, (await take(name)).body.field]).toEqual([name, 'username']);
  }
  const own = `Zoë.${uuid7().slice(-12)}`;
  for (const secret of ['short', 'x'.repeat(257), 7]) {
    expect((await take(own, secret)).body.field).toBe('password');
  }
  expect((await take(own)).status).toBe(201);
  const others = [own, own.toUpperCase(), own.normalize('NFD'), own.replace('Z', '\uff3a')];
  for (const name of others) {
    expect(await take(name)).toMatchObject({ status: 409, body: { code: 'username-taken' } });
  }
  const racing = `race-${uuid7().slice(-12)}`;
  const racers = await Promise.all(Array.from({ length: 6 }, () => take(racing)));
  expect(racers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
});

it('ids of the wrong kind are refused in bodies and unknown in paths [H2]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  for (const id of ['x', '1', circle.toUpperCase(), `${circle}0`, '%00', '..%2f..', '__proto__']) {
    for (const path of [
      `/v1/circles/${id}`,
      `/v1/circles/${id}/streams`,
      `/v1/circles/${id}/members`,
    ]) {
      expect([path, (await ann.call(`GET ${path}`)).status]).toEqual([path, 404]);
    }
    expect((await ann.call(`DELETE /v1/sessions/${id}`)).status).toBe(404);
    const changed = await ann.call(`PATCH /v1/circles/${id}`, { name: 'Tea' });
    expect(changed).toMatchObject({ status: 400, body: { code: 'bad-request', field: 'id' } });
  }
  const twice = await ann.call(`PUT /v1/circles/${uuid7()}`, {
    id: uuid7(),
    name: 'Tea',
    visibility: 'public',
  });
  expect(twice.body).toMatchObject({ code: 'bad-request', field: 'id' });
});

it('unknown routes are 404, wrong methods 405 with Allow; a plain GET is no socket', async ({
  url,
}) => {
  const ann = await register(url);
  for (const path of ['/nothing', '/v1', '/v1/nothing', '/v1/circles/x/y/z', '/V1/me', '/v1/me/']) {
    const answer = await ann.call(`GET ${path}`);
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not-found']);
  }
  const wrong: readonly (readonly [string, string])[] = [
    ['DELETE /v1/users', 'GET'],
    ['POST /v1/me', 'GET'],
    [`POST /v1/circles/${uuid7()}`, 'PUT'],
    ['DELETE /healthz', 'GET'],
  ];
  for (const [request, allowed] of wrong) {
    const answer = await ann.call(request);
    expect([request, answer.status, answer.body.code]).toEqual([request, 405, 'not-found']);
    expect(answer.headers.get('allow')?.split(', ')).toContain(allowed);
  }
  expect((await ann.call('GET /v1/connect')).status).toBe(400);
});

it('everything under /v1 but registration and login needs a session [H1]', async ({ url }) => {
  const id = uuid7();
  const requests = [
    'GET /v1/me',
    'GET /v1/sessions',
    'DELETE /v1/sessions/current',
    'GET /v1/users?username=ann',
    `GET /v1/users/${id}`,
    'GET /v1/circles',
    `GET /v1/circles/${id}`,
    `PUT /v1/circles/${id}`,
    `GET ${messagesOf(id)}`,
    `PUT ${messagesOf(id)}/${id}`,
    'GET /v1/nothing',
  ];
  for (const request of requests) {
    for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: 'Basic eDp4' }]) {
      const answer = await call(url, request, { headers });
      expect([request, answer.status, answer.body.code]).toEqual([request, 401, 'unauthenticated']);
    }
  }
});

it('the cookie is HttpOnly and SameSite=Lax, and works from the own origin alone [H7]', async ({
  url,
}) => {
  const ann = await register(url);
  const login = await call(url, 'POST /v1/sessions', {
    body: { username: ann.username, password },
  });
  const set = login.headers.get('set-cookie') ?? '';
  expect(set).toMatch(/^oshi_session=[^;]+;/);
  expect(set).toMatch(/HttpOnly/);
  expect(set).toMatch(/SameSite=Lax/);
  expect(set).not.toMatch(/Secure/);
  const cookie = set.split(';', 1).join();
  const change = (headers: Record<string, string>) =>
    call(url, `PUT /v1/circles/${uuid7()}`, {
      body: { name: 'Tea', visibility: 'public' },
      headers: { cookie, ...headers },
    }).then(({ status }) => status);
  expect(await change({ origin: url })).toBe(201);
  expect(await change({ 'sec-fetch-site': 'same-origin' })).toBe(201);
  expect(await change({ 'sec-fetch-site': 'none' })).toBe(201);
  for (const origin of [
    'https://evil.example.org',
    'null',
    `${url}0`,
    url.replace('http', 'https'),
  ]) {
    expect([origin, await change({ origin })]).toEqual([origin, 403]);
  }
  expect(await change({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await change({ 'sec-fetch-site': 'same-site' })).toBe(403);
  const read = await call(url, 'GET /v1/me', {
    headers: { cookie, origin: 'https://evil.example.org' },
  });
  expect(read.status).toBe(200);
});

it('bearer requests are allowed from every origin, without credentials [H7]', async ({ url }) => {
  const ann = await register(url);
  const origin = 'https://app.example.org';
  const made = await ann.call(
    `PUT /v1/circles/${uuid7()}`,
    { name: 'Tea', visibility: 'public' },
    { origin },
  );
  expect(made.status).toBe(201);
  expect(made.headers.get('access-control-allow-origin')).toBe('*');
  expect(made.headers.get('access-control-allow-credentials')).toBe(null);
  const preflight = await call(url, `OPTIONS ${messagesOf(uuid7())}/${uuid7()}`, {
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key');
});

it('sessions are listed and ended one by one; those of others are unknown [H7]', async ({
  url,
}) => {
  const [ann, ben] = [await register(url), await register(url, 'ben')];
  const login = await call(url, 'POST /v1/sessions', {
    body: { username: ann.username, password },
    headers: { 'user-agent': 'Teapot/1.0' },
  });
  const { sessions = [] } = (await ann.call('GET /v1/sessions')).body;
  expect(sessions).toHaveLength(2);
  expect(sessions.find(({ id }) => id === login.body.session?.id)).toMatchObject({
    userAgent: 'Teapot/1.0',
    current: false,
  });
  expect((await ben.call(`DELETE /v1/sessions/${ann.session}`)).status).toBe(404);
  expect((await ann.call(`DELETE /v1/sessions/${login.body.session?.id}`)).status).toBe(204);
  expect((await call(url, 'GET /v1/me', { token: login.body.token })).status).toBe(401);
  expect((await ann.call('GET /v1/me')).status).toBe(200);
});

it('health, readiness and metrics need no session', async ({ url }) => {
  await post(await register(url), uuid7());
  expect((await call(url, 'GET /healthz')).status).toBe(200);
  expect((await call(url, 'GET /readyz')).status).toBe(200);
  const { text } = await call(url, 'GET /metrics');
  for (const name of [
    'connections',
    'events_appended_total',
    'append_seconds',
    'hub_lag',
    'projection_lag',
  ]) {
    expect(text).toContain(`oshi_${name}`);
  }
});

it('every answer forbids frames, pictures of other servers, and referrers', async ({ url }) => {
  for (const path of ['/', '/v1/me', '/docs', '/docs/socket', '/nothing']) {
    const { headers } = await call(url, `GET ${path}`);
    expect(headers.get('x-frame-options'), path).toBe('DENY');
    expect(headers.get('referrer-policy'), path).toBe('no-referrer');
    const policy = headers.get('content-security-policy')?.split(/; ?/) ?? [];
    expect(policy, path).toContain("img-src 'self' data:");
    expect(policy, path).toContain("frame-ancestors 'none'");
  }
});
