import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { call, password, register } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** How a socket ends that says these things and nothing else. */
const ending = async (url: string, ...said: readonly (object | string)[]): Promise<number> => {
  const socket = await TestSocket.open(url);
  for (const each of said) {
    if (typeof each === 'string') socket.socket.send(each);
    else socket.send(each);
  }
  return (await socket.closed).code;
};

it('hello comes first and fits, or the socket is closed with 4400 [W1]', async ({ url }) => {
  const { token } = await register(url);
  const firsts = [
    { t: 'sub', id: '1', s: 'me' },
    { t: 'cmd', id: '1', op: 'join-circle', d: {} },
    { t: 'pong', n: 1 },
    { t: 'nothing-known' },
    { t: 'hello', id: '1', token },
    { t: 'hello', id: '1', v: '1', token },
    { t: 'hello', id: '1', v: 1.5, token },
    { t: 'hello', v: 1, token },
    { t: 'hello', id: '', v: 1, token },
    { t: 'hello', id: 'x'.repeat(65), v: 1, token },
    { t: 'hello', id: '1', v: 1, token, admin: true },
    { t: 'hello', id: '1', v: 1, token, username: 'ann', password },
    { t: 'hello', id: '1', v: 1, username: 'ann' },
    { t: 'hello', id: '1', v: 1, token: 7 },
  ];
  expect(await Promise.all(firsts.map((first) => ending(url, first)))).toEqual(
    firsts.map(() => 4400),
  );
});

it('a version that is not 1 closes with 4406 [W1]', async ({ url }) => {
  const { token } = await register(url);
  for (const v of [0, 2, -1])
    expect(await ending(url, { t: 'hello', id: '1', v, token })).toBe(4406);
});

it('wrong credentials close with 4401, whoever they are of [W1]', async ({ url }) => {
  const { username } = await register(url);
  const hellos = [
    { token: 'wrong' },
    { token: '' },
    {},
    { username, password: 'not this one' },
    { username: `nobody-${username.slice(-12)}`, password },
  ];
  const codes = hellos.map((proof) => ending(url, { t: 'hello', id: '1', v: 1, ...proof }));
  expect(await Promise.all(codes)).toEqual(hellos.map(() => 4401));
});

it('no hello within 10 s closes with 4408, whatever traffic there is [W1]', async ({ url }) => {
  const silent = await TestSocket.open(url);
  const busy = await TestSocket.open(url);
  const pinging = setInterval(() => busy.socket.ping(), 500);
  expect((await silent.closed).code).toBe(4408);
  expect((await busy.closed).code).toBe(4408);
  clearInterval(pinging);
});

it('the ok to hello says what a client needs to know [W2]', async ({ url }) => {
  const person = await register(url);
  const socket = await TestSocket.open(url);
  const { d } = await socket.ask({ t: 'hello', v: 1, token: person.token });
  expect(d).toEqual({
    epoch: expect.stringMatching(/./),
    connection: expect.stringMatching(/^[0-9a-f-]{36}$/),
    session: { id: person.session },
    user: { id: person.id, username: person.username, displayName: expect.any(String) },
    ping: 25_000,
    now: expect.any(Number),
    limits: {
      frame: 65_536,
      subscriptions: 500,
      unanswered: 32,
      commands: { burst: 30, perSecond: 6 },
      signals: 5,
      text: 4000,
      page: 200,
    },
  });
  expect(socket.socket.protocol).toBe('oshi.v1');
  socket.close();
});

it('a login by password opens a session and gives its token [W2]', async ({ url }) => {
  const { username, id } = await register(url);
  const socket = await TestSocket.open(url);
  const { d } = await socket.ask({ t: 'hello', v: 1, username: username.toUpperCase(), password });
  const me = await call(url, 'GET /v1/me', { token: d?.token });
  expect(me.body.user?.id).toBe(id);
  socket.close();
});

it('the cookie of the upgrade is taken from the own origin alone [W1] [H7]', async ({ url }) => {
  const { token, id } = await register(url);
  const cookie = `oshi_session=${token}`;
  const own = await TestSocket.open(url, { headers: { cookie, origin: url } });
  expect((await own.ask({ t: 'hello', v: 1 })).d?.user?.id).toBe(id);
  for (const headers of [{ cookie, origin: 'https://evil.example.org' }, { cookie }]) {
    const foreign = await TestSocket.open(url, { headers });
    foreign.send({ t: 'hello', id: '1', v: 1 });
    expect((await foreign.closed).code).toBe(4401);
  }
  own.close();
});

it('a later hello renews the session: ok without d, else 4400, 4401, 4403 [W3]', async ({
  url,
}) => {
  const [ann, ben] = [await register(url), await register(url, 'ben')];
  const again = await call(url, 'POST /v1/sessions', {
    body: { username: ann.username, password },
  });
  const socket = await TestSocket.greet(url, ann);
  const renewed = await socket.ask({ t: 'hello', v: 1, token: again.body.token });
  expect(renewed).toEqual({ t: 'ok', id: renewed.id });

  const later = async (proof: object): Promise<number> => {
    const greeted = await TestSocket.greet(url, ann);
    greeted.send({ t: 'hello', id: 'again', v: 1, ...proof });
    return (await greeted.closed).code;
  };
  expect(await later({ token: ben.token })).toBe(4403);
  expect(await later({ token: 'wrong' })).toBe(4401);
  expect(await later({})).toBe(4400);
  expect(await later({ username: ann.username, password })).toBe(4400);

  // The renewed session is the one whose end ends the connection.
  await ann.call(`DELETE /v1/sessions/${again.body.session?.id}`);
  expect((await socket.closed).code).toBe(4401);
});

it('log-out closes the sockets of the session at once, after a bye [W15] [H7]', async ({ url }) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  expect((await ann.call('DELETE /v1/sessions/current')).status).toBe(204);
  expect((await socket.closed).code).toBe(4401);
  expect(socket.frames.at(-1)).toEqual({
    t: 'bye',
    code: 4401,
    reason: expect.any(String),
    after: expect.any(Number),
  });
  expect((await ann.call('GET /v1/me')).status).toBe(401);
  expect(await ending(url, { t: 'hello', id: '1', v: 1, token: ann.token })).toBe(4401);
});

it('of more than 20 connections of one user the oldest goes with 4409 [W15]', async ({ url }) => {
  const ann = await register(url);
  const oldest = await TestSocket.greet(url, ann);
  const rest: TestSocket[] = [];
  for (let count = 1; count < 20; count++) rest.push(await TestSocket.greet(url, ann));
  await oldest.settled();
  rest.push(await TestSocket.greet(url, ann));
  expect((await oldest.closed).code).toBe(4409);
  for (const socket of rest) {
    await socket.settled();
    socket.close();
  }
});

it('pings come every 25 s; silence after one closes with 4510, a pong or any frame keeps [W12]', async ({
  url,
}) => {
  const ann = await register(url);
  const [silent, polite, busy] = await Promise.all([
    TestSocket.greet(url, ann),
    TestSocket.greet(url, ann),
    TestSocket.greet(url, ann),
  ]);
  const isPing = ({ t }: { t: string }) => t === 'ping';
  const ping = await polite.until(isPing);
  polite.send({ t: 'pong', n: ping.n });
  await busy.until(isPing);
  busy.send({ t: 'sig', s: 'me', k: 'presence', d: { status: 'idle' } });
  expect((await silent.closed).code).toBe(4510);
  expect(silent.frames.at(-1)).toMatchObject({ t: 'bye', code: 4510 });
  await Promise.all([polite.settled(), busy.settled()]);
  polite.close();
  busy.close();
});

it('requests behind hello wait for it and are answered in order', async ({ url }) => {
  const { token } = await register(url);
  const socket = await TestSocket.open(url);
  socket.send({ t: 'hello', id: 'a', v: 1, token });
  socket.send({ t: 'sub', id: 'b', s: 'me' });
  socket.send({ t: 'sub', id: 'c', s: uuid7() });
  await socket.until(({ id }) => id === 'c');
  const answers = socket.frames.filter(({ id }) => id !== undefined);
  expect(answers.map(({ t, id }) => [t, id])).toEqual([
    ['ok', 'a'],
    ['ok', 'b'],
    ['err', 'c'],
  ]);
  socket.close();
});
