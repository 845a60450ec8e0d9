import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';
import { Refused } from '../refusals.ts';

export type HealthDeps = {
  readonly metrics: Metrics;
  /** Why the server cannot do its work now; undefined if it can. */
  readonly unready: () => Promise<string | undefined>;
};

/** For those who run the server: is it alive, is it ready, what does it do. */
export const healthRoutes = (app: FastifyInstance, { metrics, unready }: HealthDeps): void => {
  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async () => {
    const reason = await unready();
    if (reason !== undefined) throw new Refused('unavailable', { message: reason });
    return { status: 'ok' };
  });

  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
};
