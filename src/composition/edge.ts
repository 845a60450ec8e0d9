import { buildServer } from '../http/server.ts';
import type { Resources } from '../runtime/resources.ts';
import type { Core } from './core.ts';
import type { StartOptions } from './models.ts';
import { openService } from './service.ts';

/** How long the clients of a server that goes down are spread over when they come back, in ms. */
const drainSpreadMs = 5000;
const drainWaitMs = 3000;

/** The HTTP server with its sockets, which does not listen yet. */
export const openEdge = async (core: Core, options: StartOptions, resources: Resources) => {
  const { config, logger } = options;
  const { name, registration, trustProxy, metricsToken } = config;
  const service = await openService(core, options, resources);
  const { connections } = service;
  const app = await buildServer({
    ...service,
    ...{ name, registration, logger, trustProxy, metricsToken },
  });
  resources.add(app, async () => {
    app.server.close();
    connections.drain(drainSpreadMs);
    await connections.gone(drainWaitMs);
    await app.close();
  });
  return app;
};
