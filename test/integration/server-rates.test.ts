import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { call, makeCircle, password, post, register } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnOwnStages, testOnSetStages } from '../support/fixtures/server-stage.ts';

const limited = { OSHI_RATE_LIMITS: 'on' };
// All together they register fewer people than one address may.
const it = testOnSetStages(limited);
const itAlone = testOnOwnStages(limited);

it('commands have a bucket of 30 per user, over sockets and HTTP; retryAfter says when [W16]', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const s = `${circle}/${circle}`;
  const [one, two] = await Promise.all([TestSocket.greet(url, ann), TestSocket.greet(url, ann)]);
  const frame = (index: number) => ({ s, id: uuid7(), text: `${index}` });
  const answers = await Promise.all(
    Array.from({ length: 45 }, (_, index) =>
      (index % 2 ? one : two).command('post-message', frame(index)),
    ),
  );
  const refused = answers.filter(({ t }) => t === 'err');
  // One was spent on the circle; as many as came back meanwhile were taken too.
  expect(45 - refused.length).toBeGreaterThanOrEqual(29);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) {
    expect(answer).toMatchObject({ code: 'rate-limited', retryAfter: expect.any(Number) });
  }
  let last = await post(ann, circle);
  while (last.status === 201) last = await post(ann, circle);
  expect(last).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
  expect(Number(last.headers.get('retry-after'))).toBe(
    Math.ceil((last.body.retryAfter ?? 0) / 1000),
  );
  const other = await register(url, 'ben');
  expect((await other.call(`PUT /v1/circles/${circle}/members/me`, {})).status).toBe(201);
  await sleep(last.body.retryAfter ?? 0);
  expect((await post(ann, circle)).status).toBe(201);
  one.close();
  two.close();
});

it('who does not heed rate-limited 100 times within 10 s is closed with 4529 [W16] [W15]', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = uuid7();
  const socket = await TestSocket.greet(url, ann);
  for (let count = 0; count < 250; count++) {
    socket.send({ t: 'cmd', id: `${count}`, op: 'leave-circle', d: { circle } });
  }
  expect((await socket.closed).code).toBe(4529);
  expect(socket.frames.at(-1)).toMatchObject({ t: 'bye', code: 4529 });
  const refused = socket.frames.filter(({ code }) => code === 'rate-limited');
  expect(refused).toHaveLength(100);
});

it('too many frames or unanswered requests are read later, without an error [W16]', async ({
  url,
}) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  const count = 750;
  for (let index = 0; index < count; index++) socket.send({ t: 'sub', id: `n${index}`, s: 'me' });
  await socket.until(({ id }) => id === `n${count - 1}`);
  const answers = socket.frames.filter(({ id }) => id?.startsWith('n'));
  expect(answers.map(({ id }) => id)).toEqual(
    Array.from({ length: count }, (_, index) => `n${index}`),
  );
  expect(answers.every(({ t }) => t === 'ok')).toBe(true);
  socket.close();
});

it('pings within the rate are all answered, however many come at once [W16]', async ({ url }) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  const heard: string[] = [];
  socket.socket.on('pong', (data: Buffer) => heard.push(data.toString()));
  const sent = Array.from({ length: 550 }, (_, index) => `${index}`);
  for (const each of sent) socket.socket.ping(each);
  // What is asked behind them is answered behind them.
  expect(await socket.ask({ t: 'sub', s: 'me' })).toMatchObject({ t: 'ok' });
  expect(heard).toEqual(sent);
  socket.close();
});

itAlone('logins and registrations: 10, then one per 6 s, per address [W16]', async ({ url }) => {
  const ann = await register(url);
  const login = () =>
    call(url, 'POST /v1/sessions', { body: { username: ann.username, password: 'a wrong one' } });
  const statuses: number[] = [];
  for (let count = 0; count < 9; count++) statuses.push((await login()).status);
  expect(statuses).toEqual(Array.from({ length: 9 }, () => 401));
  const last = await login();
  expect(last).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
  expect(last.body.retryAfter).toBeLessThanOrEqual(6000);
  const other = await call(url, 'POST /v1/users', {
    body: { username: 'somebody-else', password },
  });
  expect(other.status).toBe(429);
  const socket = await TestSocket.open(url);
  socket.send({ t: 'hello', id: '1', v: 1, username: ann.username, password });
  expect((await socket.closed).code).toBe(4529);
  // A session that is open is not touched by it.
  expect((await ann.call('GET /v1/me')).status).toBe(200);
});

/** Headers by which a proxy on this machine names the client. */
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

it('one address that tries the names of others is refused itself, and keeps nobody out [W16]', async ({
  url,
}) => {
  const people = await Promise.all(['ann', 'ben', 'cat'].map((name) => register(url, name)));
  const wrong = (username: string) =>
    call(url, 'POST /v1/sessions', { body: { username, password: 'wrong' }, ...from('10.1.1.1') });
  const rounds = Array.from({ length: 12 }, () => people).flat();
  const tried = await Promise.all(rounds.map(({ username }) => wrong(username)));
  const statuses = tried.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(20);
  for (const [index, { username }] of people.entries()) {
    const body = { username, password };
    const answer = await call(url, 'POST /v1/sessions', { body, ...from(`10.2.2.${index}`) });
    expect(answer.status).toBe(201);
  }
});

it('an IPv6 /64 counts as one address, IPv4 however it is written as one, and the port for nothing [W16]', async ({
  url,
}) => {
  const tries = async (addresses: readonly string[]) => {
    const answers = await Promise.all(
      addresses.map((address, index) =>
        call(url, 'POST /v1/sessions', {
          body: { username: `somebody${index}`, password: 'wrong' },
          ...from(address),
        }),
      ),
    );
    return answers.filter(({ status }) => status === 401).length;
  };
  const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
  expect(await tries(numbers.map((each) => `2001:db8:1:1::${each}`))).toBe(10);
  expect(await tries(numbers.map((each) => `10.3.3.3:${each}`))).toBe(10);
  const mapped = numbers.map((each) => (each % 2 ? '10.4.4.4' : '::ffff:10.4.4.4'));
  expect(await tries(mapped)).toBe(10);
});

it('many who log in at once from everywhere wait for each other, and none is refused [W14] [W16]', async ({
  url,
}) => {
  const ann = await register(url);
  const crowd = Array.from({ length: 260 }, (_, index) =>
    call(url, 'POST /v1/sessions', {
      body: { username: `nobody${index}`, password: 'wrong' },
      ...from(`10.5.5.${index}`),
    }),
  );
  const body = { username: ann.username, password };
  expect((await call(url, 'POST /v1/sessions', { body, ...from('10.6.6.6') })).status).toBe(201);
  expect(new Set((await Promise.all(crowd)).map(({ status }) => status))).toEqual(new Set([401]));
});
