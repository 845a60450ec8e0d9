import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, RouteOptions } from 'fastify';
import * as Type from 'typebox';
import type { Executor } from '../../app/operations/executor.ts';
import { lazy } from '../../runtime/lazy.ts';
import { asyncapiOf } from './asyncapi.ts';
import { type DescribedRoute, openapiOf } from './openapi.ts';
import { describesServer, type RouteDescription } from './route.ts';
import { socketPage } from './socket-page.ts';
import { socketStyle } from './socket-style.ts';

/** The style that the page's script adds, by its hash; a test checks that browsers accept it. */
const addedStyle = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

/** The content security policy of the documentation: it loads only what this server serves. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${addedStyle}`,
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Adapts the page, which is made for wide screens and light mode, to phones and dark mode. */
const pageScript = `const meta = document.createElement('meta');
meta.name = 'viewport';
meta.content = 'width=device-width, initial-scale=1';
document.head.append(meta);
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
`;

/** Hides links of answers and the choice of servers, since there are none. */
const pageStyle = `.swagger-ui .response-col_links,
.swagger-ui .scheme-container .servers-title { display: none; }
`;

const hidden = { schema: { hide: true } };

/** Collects the described routes as they are added, except the HEAD that fastify adds to each GET. */
const collected = (app: FastifyInstance): DescribedRoute[] => {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
    if (!config?.about) return;
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.push({ method: each.toLowerCase(), url, about: config.about });
    }
  });
  return routes;
};

const json = { 200: Type.Object({}, { additionalProperties: true }) };
const html = { 200: { mediaType: 'text/html' } };

/**
 * Serves the descriptions, for programs and for people; they are made when first requested. Must be added before the
 * described routes.
 */
export const documentRoutes = async (app: FastifyInstance, executor: Executor): Promise<void> => {
  const routes = collected(app);
  const openapi = lazy(() => openapiOf(routes));
  await app.register(swagger, { mode: 'static', specification: { document: {} as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    transformSpecification: openapi as never,
    transformSpecificationClone: false,
    uiConfig: { layout: 'BaseLayout', defaultModelsExpandDepth: 0, displayRequestDuration: true },
    theme: {
      title: 'Oshi over HTTP',
      js: [{ filename: 'page.js', content: pageScript }],
      css: [{ filename: 'page.css', content: pageStyle }],
    },
  });

  const describe = (id: string, summary: string, answers: RouteDescription['answers']) =>
    describesServer({ id, summary, answers });

  const openapiAbout = describe('openapi', 'All routes as OpenAPI 3.1.', json);
  app.get('/openapi.json', openapiAbout, async () => openapi());

  const asyncapi = lazy(() => asyncapiOf(executor));
  const asyncapiAbout = describe('asyncapi', 'The socket as AsyncAPI 3.0.', json);
  app.get('/asyncapi.json', asyncapiAbout, async () => asyncapi());

  const pageAbout = describe('socket-page', 'The socket, for people.', html);
  app.get('/docs/socket', pageAbout, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(socketPage(executor)),
  );
  app.get('/docs/socket.css', hidden, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(socketStyle),
  );
};
