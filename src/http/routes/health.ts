import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import { Refused } from '../../app/refusals.ts';
import { Building } from '../../app/views/objects.ts';
import type { Metrics } from '../../monitoring/metrics.ts';
import type { Building as BuildingView } from '../../projections/building/building.ts';
import { defined } from '../../runtime/defined.ts';
import { bearerOf } from '../authentication.ts';
import { describesServer } from '../description/route.ts';

export type HealthDeps = {
  readonly metrics: Metrics;
  /** Why the server is not ready; undefined if it is. */
  readonly unready: () => Promise<string | undefined>;
  /** What an operator should fix although the server is ready; undefined: nothing. */
  readonly warning: () => string | undefined;
  /** The progress of read models that cannot be read yet. */
  readonly building: () => BuildingView | undefined;
  /** The bearer token that `/metrics` requires; undefined: none. */
  readonly metricsToken: string | undefined;
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a request has the token. Takes the same time however much of it is right. */
const carries = ({ headers }: FastifyRequest, token: string): boolean =>
  timingSafeEqual(digest(bearerOf(headers) ?? ''), digest(token));

const status = Type.Literal('ok');
const warning = Type.String({ description: 'What an operator should fix.' });
const about = {
  alive: describesServer({
    id: 'healthz',
    summary: 'Whether the process is alive.',
    answers: { 200: Type.Object({ status }) },
  }),
  ready: describesServer({
    id: 'readyz',
    summary: 'Whether the server is ready.',
    answers: {
      200: Type.Object({
        status,
        warning: Type.Optional(warning),
        building: Type.Optional(Building),
      }),
    },
  }),
  metrics: describesServer({
    id: 'metrics',
    summary: 'Metrics for Prometheus; requires a bearer token if one is configured.',
    answers: { 200: { mediaType: 'text/plain' } },
    refuses: ['unauthenticated'],
  }),
};

/** Health, readiness and metrics, for operators. */
export const healthRoutes = (app: FastifyInstance, deps: HealthDeps): void => {
  const { metrics, unready, building, warning, metricsToken } = deps;
  app.get('/healthz', about.alive, async () => ({ status: 'ok' }));

  app.get('/readyz', about.ready, async () => {
    const reason = await unready();
    const progress = defined({ building: building() });
    if (reason !== undefined) throw new Refused('unavailable', { message: reason, ...progress });
    return { status: 'ok', ...progress, ...defined({ warning: warning() }) };
  });

  app.get('/metrics', about.metrics, async (request, reply) => {
    if (metricsToken !== undefined && !carries(request, metricsToken)) {
      throw new Refused('unauthenticated', { message: 'This requires the token for metrics.' });
    }
    return reply.type(metrics.contentType).send(await metrics.text());
  });
};
