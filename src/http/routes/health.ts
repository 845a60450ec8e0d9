import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { describes } from '../description/route.ts';
import type { Metrics } from '../metrics.ts';
import { Refused } from '../refusals.ts';

export type HealthDeps = {
  readonly metrics: Metrics;
  /** Why the server cannot do its work now; undefined if it can. */
  readonly unready: () => Promise<string | undefined>;
};

const isWell = { 200: Type.Object({ status: Type.Literal('ok') }) };
const about = {
  alive: describes({
    ...{ id: 'healthz', summary: 'Says whether it is alive.', tag: 'server', isOpen: true },
    answers: isWell,
  }),
  ready: describes({
    ...{ id: 'readyz', summary: 'Says whether it can do its work.', tag: 'server', isOpen: true },
    answers: isWell,
  }),
  metrics: describes({
    ...{ id: 'metrics', summary: 'Figures for Prometheus.', tag: 'server', isOpen: true },
    answers: { 200: { mediaType: 'text/plain' } },
  }),
};

/** For those who run the server: is it alive, is it ready, what does it do. */
export const healthRoutes = (app: FastifyInstance, { metrics, unready }: HealthDeps): void => {
  app.get('/healthz', about.alive, async () => ({ status: 'ok' }));

  app.get('/readyz', about.ready, async () => {
    const reason = await unready();
    if (reason !== undefined) throw new Refused('unavailable', { message: reason });
    return { status: 'ok' };
  });

  app.get('/metrics', about.metrics, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
};
