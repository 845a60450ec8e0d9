import { setImmediate as nextIteration } from 'node:timers/promises';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../../src/app/limits/limits.ts';
import { limitRequests, takeTurns } from '../../../src/http/arrivals.ts';
import { sendError } from '../../../src/http/problems.ts';

const stage = () => {
  const app = fastify({ trustProxy: true });
  onTestFinished(() => app.close());
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));
  const ask = async (address: string) => {
    const headers = { 'x-forwarded-for': address };
    const answer = await app.inject({ url: '/', headers });
    return { status: answer.statusCode, retryAfter: answer.json().retryAfter };
  };
  return { app, ask };
};

test('one request begins in each iteration of the event loop, the client addresses by turns', async () => {
  const { app, ask } = stage();
  const begun: { ip: string; iteration: number }[] = [];
  let iteration = 0;
  takeTurns(app);
  app.get('/', async ({ ip }) => {
    begun.push({ ip, iteration });
    return {};
  });
  await app.ready();
  const many = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4', '10.0.0.1', '10.0.0.2'];
  const asked = Promise.all(many.map(ask));
  for (; begun.length < many.length; iteration++) await nextIteration();
  await asked;
  expect(new Set(begun.map((each) => each.iteration)).size).toBe(many.length);
  const last = begun.findIndex(({ ip }) => ip === '10.0.0.2');
  expect(last).toBeLessThanOrEqual(3);
});

test('a client address with too many requests waiting is refused, and no other', async () => {
  const { app, ask } = stage();
  takeTurns(app);
  app.get('/', async () => ({}));
  await app.ready();
  const asked = Array.from({ length: limits.requestsWaitingPerClientMax + 50 }, () =>
    ask('10.0.0.1'),
  );
  const other = ask('10.0.0.2');
  const refused = (await Promise.all(asked)).filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.retryAfter).toBe(limits.requestRetryMs);
  expect((await other).status).toBe(200);
});

test('requests of a client address have a rate, which others do not share; what is refused is held', async () => {
  const { app, ask } = stage();
  const time = { ms: 0 };
  let held = 0;
  const hold = async (): Promise<void> => {
    held++;
  };
  limitRequests(app, { monotonic: () => time.ms, refusals: { hold } });
  app.get('/', async () => ({}));
  for (let left = limits.requestsPerMinute; left > 0; left--) {
    expect((await ask(`2001:db8::${left % 100}`)).status).toBe(200);
  }
  expect(held).toBe(0);
  expect(await ask('2001:db8::ffff')).toEqual({ status: 429, retryAfter: 10 });
  expect(held).toBe(1);
  expect((await ask('2001:db8:0:1::1')).status).toBe(200);
  expect((await ask('10.0.0.1')).status).toBe(200);
  time.ms += 10;
  expect((await ask('2001:db8::1')).status).toBe(200);
});

test('the client addresses of a site have a rate together', async () => {
  const { app, ask } = stage();
  limitRequests(app, { monotonic: () => 0, refusals: { hold: async () => undefined } });
  app.get('/', async () => ({}));
  const { requestsPerMinute, siteFactor } = limits;
  const statuses: number[] = [];
  for (let client = 0; client <= siteFactor; client++) {
    for (let left = requestsPerMinute; left > 0; left -= 1000) {
      const asked = Array.from({ length: 1000 }, () => ask(`2001:db8:1:${client}::1`));
      statuses.push(...(await Promise.all(asked)).map(({ status }) => status));
    }
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(requestsPerMinute * siteFactor);
});
