import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { Reads } from '../../../src/app/limits/reads.ts';
import type { UserId } from '../../../src/events/ids.ts';
import { createRequestReads } from '../../../src/http/request-reads.ts';
import { numbered } from '../../support/generators/chatter.ts';

const ada = numbered(1) as UserId;

const stage = () => {
  const app = fastify();
  onTestFinished(() => app.close());
  const requestReads = createRequestReads(
    app,
    new Reads({ now: () => 0, worked: () => 0, hasRate: true }),
  );
  const reading =
    (answer: () => unknown) =>
    async (request: Parameters<typeof requestReads.begin>[0]): Promise<unknown> => {
      await requestReads.begin(request, ada);
      await requestReads.turnOf(request)();
      return answer();
    };
  app.get(
    '/v1/fine',
    reading(() => ({ fine: true })),
  );
  app.get(
    '/v1/fails',
    reading(() => {
      throw new Error('it fails');
    }),
  );
  app.post(
    '/v1/posts',
    reading(() => ({ fine: true })),
  );
  app.get('/v1/none', async (request) => requestReads.turnOf(request));
  return app;
};

test.for([
  ['GET', '/v1/fine', 200],
  ['HEAD', '/v1/fine', 200],
  ['GET', '/v1/fails', 500],
  ['HEAD', '/v1/fails', 500],
  ['POST', '/v1/posts', 200],
] as const)('%s %s lets the next read of its user begin', async ([method, url, status]) => {
  const app = stage();
  for (let times = 0; times < 3; times++) {
    expect((await app.inject({ method, url })).statusCode).toBe(status);
  }
  expect((await app.inject('/v1/fine')).json()).toEqual({ fine: true });
});

test('a handler that has not begun to read has no turns', async () => {
  expect((await stage().inject('/v1/none')).statusCode).toBe(500);
});
