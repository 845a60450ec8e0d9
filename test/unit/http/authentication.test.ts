import cookie from '@fastify/cookie';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { ReadBarrier } from '../../../src/app/read-barrier.ts';
import { createAuthentication } from '../../../src/http/authentication.ts';
import { giveSession } from '../../../src/http/cookies.ts';
import { sendError } from '../../../src/http/problems.ts';
import { caller } from '../../support/fixtures/edge-stage.ts';
import { epochMs } from '../../support/fixtures/given.ts';

/** A server behind a proxy, first started at `epochMs`, with a session from before that and one from after it. */
const stage = async () => {
  const time = { ms: epochMs + 1000 };
  const known = new Map([
    ['old', { ...caller(1), createdAt: epochMs - 1 }],
    ['new', { ...caller(2), createdAt: epochMs }],
  ]);
  const authentication = createAuthentication({
    sessions: { authenticate: async (token: string) => known.get(token) } as never,
    barrier: new ReadBarrier({ runner: { applied: () => 0, whenApplied: async () => undefined } }),
    secret: { madeAt: epochMs, sign: () => '' },
    requestReads: { begin: async () => undefined, turnOf: () => undefined } as never,
    log: { info: { incarnation: 'x', partitions: 1 }, head: async () => 0 },
    now: () => time.ms,
  });
  const app = fastify({ trustProxy: true });
  onTestFinished(() => app.close());
  await app.register(cookie);
  app.setErrorHandler((error, _, reply) => sendError(reply, error));
  app.addHook('onSend', async (request, reply) => authentication.renew(request, reply));
  app.get('/me', async (request) => ({ user: (await authentication.reader(request)).user }));
  app.post('/log-in', async (request, reply) => {
    giveSession(request, reply, 'new');
    return {};
  });
  app.delete('/session', async (request, reply) => {
    await authentication.writer(request);
    authentication.forget(request, reply);
    return {};
  });
  type Asked = {
    method?: 'GET' | 'POST' | 'DELETE';
    proto?: 'https' | 'http';
    token?: string;
    user?: string;
  };
  const ask = async (url: string, cookies: object, more: Asked = {}) => {
    const { method = 'GET', proto = 'https', token, user } = more;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const meant = user === undefined ? {} : { 'oshi-user': user };
    const headers = { 'x-forwarded-proto': proto, ...authorization, ...meant };
    const answer = await app.inject({ url, method, headers, cookies: cookies as never });
    const given = answer.cookies.map(({ name, value }) => `${name}=${value}`);
    return { status: answer.statusCode, body: answer.json(), given, cookies: answer.cookies };
  };
  return { ask, time };
};

const plain = 'oshi_session';
const own = `__Host-${plain}`;

test('the cookie over TLS has the prefix __Host-, is Secure, and is for no other host; without TLS it is plain [H7]', async () => {
  const { ask } = await stage();
  const { cookies } = await ask('/log-in', {}, { method: 'POST' });
  expect(cookies).toEqual([
    {
      name: own,
      value: 'new',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      maxAge: 2_592_000,
    },
  ]);
  const open = await ask('/log-in', {}, { method: 'POST', proto: 'http' });
  expect(open.cookies).toEqual([
    { name: plain, value: 'new', path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 2_592_000 },
  ]);
});

test('over TLS a planted plain cookie neither wins nor counts by itself [H7]', async () => {
  const { ask } = await stage();
  expect(await ask('/me', { [plain]: 'old', [own]: 'new' })).toMatchObject({
    ...{ status: 200, body: { user: caller(2).user }, given: [] },
  });
  expect(await ask('/me', { [plain]: 'new' })).toMatchObject({ status: 401, given: [] });
  expect(await ask('/me', { [own]: 'wrong', [plain]: 'old' })).toMatchObject({ status: 401 });
  expect(await ask('/me', { [plain]: 'new' }, { proto: 'http' })).toMatchObject({ status: 200 });
  expect(await ask('/me', { [own]: 'new' }, { proto: 'http' })).toMatchObject({ status: 401 });
});

test('a plain cookie from before the update is exchanged on use, for as long as it may last [H7]', async () => {
  const { ask, time } = await stage();
  const used = await ask('/me', { [plain]: 'old' });
  expect(used).toMatchObject({ status: 200, given: [`${own}=old`, `${plain}=`] });
  expect(await ask('/me', { [own]: 'old' })).toMatchObject({ status: 200, given: [] });
  const byToken = await ask('/me', { [plain]: 'old' }, { token: 'new' });
  expect(byToken).toMatchObject({ status: 200, given: [] });
  time.ms = epochMs + limits.sessionMs;
  expect(await ask('/me', { [plain]: 'old' })).toMatchObject({ status: 200 });
  time.ms += 1;
  expect(await ask('/me', { [plain]: 'old' })).toMatchObject({ status: 401 });
});

test('the cookie of a session that is used is given anew, at most once a day [H7]', async () => {
  const { ask, time } = await stage();
  time.ms = epochMs + limits.cookieMs - 1;
  expect((await ask('/me', { [own]: 'new' })).given).toEqual([]);
  for (let day = 1; day <= 60; day += 20) {
    time.ms = epochMs + day * limits.cookieMs;
    expect((await ask('/me', { [own]: 'new' }, { token: 'new' })).given).toEqual([]);
    const [renewed, ...more] = (await ask('/me', { [own]: 'new' })).cookies;
    expect(renewed).toMatchObject({ name: own, value: 'new', maxAge: 2_592_000, secure: true });
    expect(more).toEqual([]);
    expect((await ask('/me', { [own]: 'new' })).given).toEqual([]);
  }
});

test('logging out takes away what the browser sent, and gives nothing back [H7]', async () => {
  const { ask } = await stage();
  const out = (cookies: object) => ask('/session', cookies, { method: 'DELETE' });
  expect((await out({ [plain]: 'old' })).given).toEqual([`${plain}=`]);
  expect((await out({ [own]: 'new', [plain]: 'x' })).given).toEqual([`${own}=`, `${plain}=`]);
  const byToken = await ask('/session', { [own]: 'new' }, { method: 'DELETE', token: 'new' });
  expect(byToken.given).toEqual([]);
});

test('a request that is meant for another user than its session is refused, and changes no cookie [H7]', async () => {
  const { ask, time } = await stage();
  time.ms = epochMs + limits.cookieMs;
  const forbidden = { status: 403, body: { code: 'forbidden', field: 'Oshi-User' }, given: [] };
  for (const more of [{}, { token: 'new' }]) {
    expect(await ask('/me', { [own]: 'new' }, { ...more, user: caller(1).user })).toMatchObject(
      forbidden,
    );
    expect(await ask('/me', { [own]: 'new' }, { ...more, user: '' })).toMatchObject(forbidden);
  }
  const out = await ask('/session', { [own]: 'new' }, { method: 'DELETE', user: caller(1).user });
  expect(out).toMatchObject(forbidden);
  expect(await ask('/me', { [own]: 'new' }, { user: caller(2).user })).toMatchObject({
    ...{ status: 200, body: { user: caller(2).user } },
  });
});
