import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { sendError } from '../../../src/http/problems.ts';
import { type HealthDeps, healthRoutes } from '../../../src/http/routes/health.ts';
import { createMetrics } from '../../../src/monitoring/metrics.ts';

const token = 'a-token-for-prometheus';

const served = (metricsToken?: string, more: Partial<HealthDeps> = {}) => {
  const app = fastify();
  onTestFinished(() => app.close());
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));
  const isReady = {
    unready: async () => undefined,
    warning: () => undefined,
    building: () => undefined,
  };
  healthRoutes(app, { metrics: createMetrics(), ...isReady, metricsToken, ...more });
  return async (url: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const { statusCode, body } = await app.inject({ url, headers });
    return { statusCode, body };
  };
};

test('without a token for them everybody reads the figures', async () => {
  const get = served();
  expect((await get('/metrics')).body).toContain('oshi_append_seconds');
});

test('with a token for them nobody reads the figures without it', async () => {
  const get = served(token);
  const wrong = [undefined, '', 'Bearer', 'Bearer x', token, `Basic ${token}`, `Bearer ${token}x`];
  for (const authorization of wrong) {
    const { statusCode, body } = await get('/metrics', authorization);
    expect([statusCode, JSON.parse(body).code], `${authorization}`).toEqual([
      401,
      'unauthenticated',
    ]);
    expect(body).not.toContain('oshi_');
  }
  for (const right of [`Bearer ${token}`, `bearer  ${token}`]) {
    expect((await get('/metrics', right)).body).toContain('oshi_append_seconds');
  }
});

test('a token for the figures changes nothing else', async () => {
  const get = served(token);
  for (const url of ['/healthz', '/readyz']) expect((await get(url)).statusCode).toBe(200);
});

test('a server with a warning is ready and says so; one that is not ready gives the reason', async () => {
  const warning = () => 'New content is refused.';
  const warned = await served(undefined, { warning })('/readyz');
  expect(warned).toEqual({
    statusCode: 200,
    body: JSON.stringify({ status: 'ok', warning: warning() }),
  });
  const unready = async () => 'the event log does not answer';
  const { statusCode, body } = await served(undefined, { warning, unready })('/readyz');
  expect([statusCode, JSON.parse(body)]).toEqual([
    503,
    expect.objectContaining({ detail: await unready() }),
  ]);
});

test('a server whose read models are being built is not ready, and says how far they are', async () => {
  const building = { models: ['messages'], applied: 1, total: 4, percent: 25, rate: 0 };
  const unready = async () => 'read models are being built';
  const get = served(undefined, { unready, building: () => building });
  const { statusCode, body } = await get('/readyz');
  expect(statusCode).toBe(503);
  expect(JSON.parse(body)).toMatchObject({
    ...{ code: 'unavailable', detail: 'read models are being built', building },
  });
});
