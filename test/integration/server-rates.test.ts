import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { call, makeCircle, password, post, register } from '../support/server-people.ts';
import { TestSocket } from '../support/server-socket.ts';
import { testOnOwnStages } from '../support/server-stage.ts';

const it = testOnOwnStages({ OSHI_RATE_LIMITS: 'on' });

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
  let limited = await post(ann, circle);
  while (limited.status === 201) limited = await post(ann, circle);
  expect(limited).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
  expect(Number(limited.headers.get('retry-after'))).toBe(
    Math.ceil((limited.body.retryAfter ?? 0) / 1000),
  );
  const other = await register(url, 'ben');
  expect((await other.call(`PUT /v1/circles/${circle}/members/me`, {})).status).toBe(201);
  await sleep(limited.body.retryAfter ?? 0);
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

it('logins and registrations: 10, then one per 6 s, per address and per username [W16]', async ({
  url,
}) => {
  const ann = await register(url);
  const login = () =>
    call(url, 'POST /v1/sessions', { body: { username: ann.username, password: 'a wrong one' } });
  const statuses: number[] = [];
  for (let count = 0; count < 9; count++) statuses.push((await login()).status);
  expect(statuses).toEqual(Array.from({ length: 9 }, () => 401));
  const limited = await login();
  expect(limited).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
  expect(limited.body.retryAfter).toBeLessThanOrEqual(6000);
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
