import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { pino } from 'pino';
import { createExecutor } from '../../src/app/operations/executor.ts';
import { buildServer } from '../../src/http/server.ts';

/** A route that the server has, whether it is described or not. */
export type ServerRoute = {
  readonly method: string;
  readonly url: string;
  /** Whether it is no part of the protocol: what pages for browsers load. */
  readonly isHidden: boolean;
};

/** What knows the operations, without what carries them out. */
export const executorAlone = () =>
  createExecutor({
    ...{ deps: { now: Date.now } as never, textMax: 4000, rateLimits: false },
    ...{ dailyCommands: 0, monotonic: () => 0 },
  });

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** The server without what carries anything out, and every route that was added to it, by whomever. */
export const serverWithRoutes = async (): Promise<{
  app: FastifyInstance;
  routes: readonly ServerRoute[];
}> => {
  const routes: ServerRoute[] = [];
  const add = ({ method, url, schema }: RouteOptions): void => {
    const isHidden = (schema as { hide?: boolean } | undefined)?.hide === true;
    for (const each of [method].flat()) {
      if (methods.has(each)) routes.push({ method: each, url, isHidden });
    }
  };
  const listen = (message: unknown): void => {
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', add);
  };
  subscribe('fastify.initialization', listen);
  const stubs = { logger: pino({ level: 'silent' }), rateLimits: false, trustProxy: false };
  const parts = { partitions: 1, models: {}, executor: executorAlone() };
  const app = await buildServer({ ...stubs, ...parts } as never);
  unsubscribe('fastify.initialization', listen);
  await app.ready();
  return { app, routes };
};
