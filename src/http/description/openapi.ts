import * as field from '../../app/fields.ts';
import { type ErrorCode, errors } from '../../app/refusals.ts';
import { Problem } from '../../app/views/objects.ts';
import { type Components, createComponents, type ObjectSchema } from './components.ts';
import { type AnswerForm, type RouteDescription, tags } from './route.ts';

/** A route of the server, with its path in fastify's syntax. */
export type DescribedRoute = {
  readonly method: string;
  readonly url: string;
  readonly about: RouteDescription;
};

const positionHeader = {
  'Oshi-Position': {
    description: 'The position in the log; may be sent with a later request to another node.',
    schema: { type: 'string' },
  },
};

/** The errors that every route may return: URLs and headers can be malformed anywhere. */
const always: readonly ErrorCode[] = ['bad-request', 'rate-limited', 'internal', 'unavailable'];

const refusalsOf = ({ refuses = [], isOpen, ...about }: RouteDescription): Set<ErrorCode> =>
  new Set([
    ...refuses,
    ...(isOpen ? [] : (['unauthenticated', 'forbidden'] as const)),
    ...(about.body ? (['too-large', 'unsupported'] as const) : []),
    ...(about.isKeyed ? (['conflict'] as const) : []),
    ...always,
  ]);

/** Over HTTP `unsupported` is used for content types only. */
const statusOf = (code: ErrorCode): number => (code === 'unsupported' ? 415 : errors[code].status);

const problemsOf = (about: RouteDescription, { reference }: Components) => {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of refusalsOf(about)) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = (codes: ErrorCode[]) => ({
    allOf: [
      reference(Problem),
      { type: 'object', properties: { code: { enum: codes.toSorted() } } },
    ],
  });
  return [...byStatus].map(([status, codes]) => [
    status,
    {
      description: codes.map((code) => `\`${code}\`: ${errors[code].message}`).join(' '),
      content: { 'application/problem+json': { schema: schema(codes) } },
    },
  ]);
};

const contentOf = (form: AnswerForm, { reference }: Components): object => {
  if (form === undefined) return {};
  if ('mediaType' in form)
    return { content: { [form.mediaType as string]: { schema: { type: 'string' } } } };
  return { content: { 'application/json': { schema: reference(form) } } };
};

const meanings: Readonly<Record<number, string>> = {
  101: 'The WebSocket is open.',
  200: 'The current state.',
  201: 'Created.',
  204: 'Done, now or before.',
};

const answersOf = ({ answers, tag }: RouteDescription, components: Components, method: string) =>
  Object.entries(answers).map(([status, form]) => [
    status,
    {
      description: meanings[Number(status)] ?? '',
      ...(method !== 'get' && tag !== 'server' && { headers: positionHeader }),
      ...contentOf(form, components),
    },
  ]);

const header = (name: string, description: string) => ({
  in: 'header',
  name,
  required: false,
  description,
  schema: { type: 'string' },
});

const inHeaders = ({ isKeyed, isOpen }: RouteDescription, method: string): object[] => [
  ...(isKeyed
    ? [header('Idempotency-Key', 'A version 7 UUID by which a repeat is recognised for 24 hours.')]
    : []),
  ...(isOpen ? [] : [header('Oshi-User', 'The user whose session it must be; else `forbidden`.')]),
  ...(method === 'get' && !isOpen
    ? [
        header(
          'Oshi-Position',
          'From an earlier response, perhaps of another node: waits until this node has applied it.',
        ),
      ]
    : []),
];

const parametersOf = (
  { method, url, about }: DescribedRoute,
  { reference }: Components,
): object[] => {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    in: 'path',
    name,
    required: true,
    schema: reference(about.param?.(name) ?? field.Uuid),
  }));
  const { properties = {}, required = [] }: Partial<ObjectSchema> = about.query ?? {};
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    in: 'query',
    name,
    required: required.includes(name),
    schema: reference(schema),
  }));
  return [...inPath, ...inQuery, ...inHeaders(about, method)];
};

const bodyOf = ({ body }: RouteDescription, { reference }: Components): object => {
  if (!body) return {};
  const { required = [] }: Partial<ObjectSchema> = body;
  const content = { 'application/json': { schema: reference(body) } };
  return { requestBody: { required: required.length > 0, content } };
};

const operationOf = (route: DescribedRoute, components: Components): object => {
  const { about, method } = route;
  const parameters = parametersOf(route, components);
  return {
    operationId: about.id,
    summary: about.summary,
    tags: [about.tag],
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(about, components),
    responses: Object.fromEntries([
      ...answersOf(about, components, method),
      ...problemsOf(about, components),
    ]),
    ...(about.isOpen && { security: [] }),
  };
};

/** All routes as OpenAPI 3.1, in the order in which they were added. */
export const openapiOf = (routes: readonly DescribedRoute[]): object => {
  const components = createComponents();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    const at = paths[path] ?? {};
    paths[path] = { ...at, [route.method]: operationOf(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Oshi',
      summary: 'Chat over HTTP and JSON.',
      description:
        'Live events are sent over the WebSocket at `/v1/connect`, described on [another page](/docs/socket).',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'oshi_session',
          description: 'Over TLS its name is `__Host-oshi_session`.',
        },
      },
    },
  };
};
