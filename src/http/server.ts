import type { IncomingMessage, Server } from 'node:http';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import websocket from '@fastify/websocket';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { limits } from '../app/limits/limits.ts';
import type { Reads } from '../app/limits/reads.ts';
import type { Executor } from '../app/operations/executor.ts';
import type { ReadBarrier } from '../app/read-barrier.ts';
import { errors } from '../app/refusals.ts';
import type { ServerSecret } from '../app/sessions/server-secret.ts';
import { limitRequests, type RequestLimitsDeps, takeTurns } from './arrivals.ts';
import { type Authentication, createAuthentication } from './authentication.ts';
import { acceptJson } from './bodies.ts';
import { documentRoutes } from './description/documents.ts';
import { tagFiles } from './file-tags.ts';
import { isFault, refuseUnreadable, sendError, sendProblem } from './problems.ts';
import { boundQuietSockets } from './quiet-sockets.ts';
import { createRequestReads } from './request-reads.ts';
import { RouteTable } from './route-table.ts';
import { type AboutServerDeps, aboutServerRoutes } from './routes/about-server.ts';
import { type AccountRoutesDeps, accountRoutes } from './routes/accounts.ts';
import { type AuditRoutesDeps, auditRoutes } from './routes/audit.ts';
import { circleRoutes } from './routes/circles.ts';
import { type CommandRoutesDeps, commandRoutes } from './routes/commands.ts';
import { type HealthDeps, healthRoutes } from './routes/health.ts';
import { inviteRoutes } from './routes/invites.ts';
import { memberRoutes } from './routes/members.ts';
import { messageRoutes } from './routes/messages.ts';
import { isNavigation, pageOfNothing, pageRoutes } from './routes/pages.ts';
import { type PresenceRoutesDeps, presenceRoutes } from './routes/presence.ts';
import { type ProjectionRoutesDeps, projectionRoutes } from './routes/projections.ts';
import { type SocketRouteDeps, socketRoute } from './routes/socket.ts';
import { streamRoutes } from './routes/streams.ts';
import { unreadRoutes } from './routes/unread.ts';
import { userRoutes } from './routes/users.ts';
import { destroyStalled } from './send-progress.ts';
import { webSocketUpgrades } from './upgrades.ts';

type RoutesDeps = AboutServerDeps &
  AccountRoutesDeps &
  AuditRoutesDeps &
  PresenceRoutesDeps &
  ProjectionRoutesDeps &
  SocketRouteDeps;

export type ServerDeps = Omit<RoutesDeps, 'authentication'> &
  RequestLimitsDeps &
  HealthDeps & {
    readonly executor: Executor;
    readonly overload: CommandRoutesDeps['overload'];
    readonly barrier: ReadBarrier;
    readonly reads: Reads;
    readonly secret: ServerSecret;
    readonly logger: FastifyBaseLogger;
    readonly rateLimits: boolean;
    /** Which proxies are trusted for addresses and TLS: fastify's `trustProxy`. */
    readonly trustProxy: boolean | string;
  };

const allowedHeaders = 'authorization, content-type, idempotency-key, oshi-position, oshi-user';
const exposedHeaders = ['oshi-position', 'retry-after'];

/**
 * Pages load only what this server serves, cannot be framed, and send no referrer; TLS, where it is used, is required
 * next time.
 */
const safeHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' as const },
  referrerPolicy: { policy: 'no-referrer' as const },
  strictTransportSecurity: { maxAge: 15_552_000, includeSubDomains: false },
};

/** Hooks and plugins of every request: queue, security headers, CORS by token only, cookies, rate limit, WebSockets. */
const plugins = async (app: FastifyInstance, deps: ServerDeps): Promise<void> => {
  takeTurns(app);
  tagFiles(app);
  await app.register(helmet, safeHeaders);
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders,
    exposedHeaders,
    maxAge: 86_400,
  });
  await app.register(cookie);
  if (deps.rateLimits) limitRequests(app, deps);
  const upgrades = webSocketUpgrades({
    server: app.server,
    path: '/v1/connect',
    serve: (request, response) => app.routing(request, response),
  });
  // Connections count frames themselves, and close before the library's limits are reached.
  const options = {
    server: upgrades as Server,
    maxPayload: limits.frameBytesMax,
    maxFragments: limits.piecesMax,
    maxPendingAutoPongs: 0,
    closeTimeout: limits.closingMs,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: (protocols: Set<string>) => (protocols.has('oshi.v1') ? 'oshi.v1' : false),
  } as const;
  await app.register(websocket, { options });
};

const isApi = ({ url }: { readonly url: string }): boolean => url.startsWith('/v1/');

const isDecodable = (url: string): boolean => {
  try {
    decodeURIComponent(url.split('?', 1).join());
    return true;
  } catch {
    return false;
  }
};

/** Sends browsers the page for addresses that cannot be decoded, as for other unknown ones. */
const rewriteUrl = (request: IncomingMessage): string => {
  const { url = '/' } = request;
  return isApi({ url }) || isDecodable(url) || !isNavigation(request) ? url : '/-';
};

/** Answers unknown routes. Under `/v1` a client that is not logged in gets the same answer as for known ones (H1). */
const unknownRoutes = (
  app: FastifyInstance,
  table: RouteTable,
  authentication: Authentication,
): void => {
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1).join('');
    const { status: _, message } = errors['not-found'];
    const allowed = table.methodsAt(path);
    if (isApi(request) && allowed.length === 0) await authentication.writer(request);
    if (allowed.length === 0) {
      const page = isApi(request) ? undefined : pageOfNothing(request, reply);
      return page ?? sendProblem(reply, { code: 'not-found', message });
    }
    void reply.header('allow', allowed.join(', '));
    return sendProblem(
      reply,
      { code: 'not-found', message: 'this method is not supported here' },
      405,
    );
  });
};

/** Operations check their input themselves, and answers are plain JSON: fastify's compilers are not even loaded. */
const ownValidation = {
  buildValidator: (() => () => () => true) as never,
  buildSerializer: () => () => JSON.stringify,
};

/** Builds the HTTP server, not listening yet. */
export const buildServer = async (deps: ServerDeps): Promise<FastifyInstance> => {
  const app: FastifyInstance = fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    trustProxy: deps.trustProxy,
    requestTimeout: 30_000,
    // What still arrives over an open connection is answered, and that connection ends with the answer.
    return503OnClosing: false,
    rewriteUrl,
    schemaController: { compilersFactory: ownValidation },
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.headersMs / 4 },
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, _request, reply) => sendError(reply, error),
  });
  boundQuietSockets(app.server, limits.quietSocketsMax);
  const stopDestroying = destroyStalled(app.server);
  app.addHook('onClose', async () => stopDestroying());
  const table = new RouteTable();
  app.addHook('onRoute', ({ method, url }) => table.add(method, url));
  app.setErrorHandler((error, request, reply) => {
    if (isFault(error))
      request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    return sendError(reply, error);
  });
  acceptJson(app);
  await plugins(app, deps);
  await documentRoutes(app, deps.executor);
  await pageRoutes(app);
  const requestReads = createRequestReads(app, deps.reads);
  const authentication = createAuthentication({ ...deps, requestReads });
  app.addHook('onSend', async (request, reply) => authentication.renew(request, reply));
  unknownRoutes(app, table, authentication);
  healthRoutes(app, deps);
  const routesDeps = { ...deps, authentication };
  aboutServerRoutes(app, deps);
  accountRoutes(app, routesDeps);
  userRoutes(app, routesDeps);
  circleRoutes(app, routesDeps);
  auditRoutes(app, routesDeps);
  memberRoutes(app, routesDeps);
  inviteRoutes(app, routesDeps);
  streamRoutes(app, routesDeps);
  projectionRoutes(app, routesDeps);
  unreadRoutes(app, routesDeps);
  presenceRoutes(app, routesDeps);
  messageRoutes(app, routesDeps);
  commandRoutes(app, routesDeps);
  socketRoute(app, routesDeps);
  return app;
};
