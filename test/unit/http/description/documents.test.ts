import asyncapi from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kindsOf } from '../../../../src/events/kinds/kinds.ts';
import { clientFrames } from '../../../../src/http/socket/frames.ts';
import { executorAlone, serverWithRoutes } from '../../../support/fixtures/server-routes.ts';

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, object>>;
};
type OpenApi = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
type Payload = { readonly properties?: { readonly t?: { readonly const?: string } } };
type AsyncApi = {
  readonly channels: { readonly connect: { readonly messages: Readonly<Record<string, object>> } };
  readonly operations: Readonly<Record<string, { readonly summary: string }>>;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload: Payload }>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
};

let server: Awaited<ReturnType<typeof serverWithRoutes>>;
beforeAll(async () => {
  server = await serverWithRoutes();
});
afterAll(() => server.app.close());

const document = async <Document>(url: string): Promise<Document> =>
  (await server.app.inject({ url })).json<Document>();

test('/openapi.json is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(
    await document<Record<string, unknown>>('/openapi.json'),
  );
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('/openapi.json holds every route of the server, and no others', async () => {
  const { paths } = await document<OpenApi>('/openapi.json');
  const written = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const known = server.routes
    .filter(({ isHidden }) => !isHidden)
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
  expect(written.toSorted()).toEqual([...new Set(known)].sort());
  expect(written.length).toBeGreaterThan(40);
});

test('every route has an id of its own, a line that says what it does, and a group', async () => {
  const { paths } = await document<OpenApi>('/openapi.json');
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { operationId, summary, tags } of operations) {
    expect([operationId, summary.endsWith('.'), summary.length <= 100, tags.length]).toEqual([
      ...[operationId, true, true, 1],
    ]);
  }
  expect(ids).toEqual(expect.arrayContaining(executorAlone().names));
});

test('every route says what it refuses, as problems (RFC 9457)', async () => {
  const { paths } = await document<OpenApi>('/openapi.json');
  for (const { operationId, responses } of Object.values(paths).flatMap((p) => Object.values(p))) {
    const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400);
    expect(refusals.length, operationId).toBeGreaterThanOrEqual(3);
    for (const [, response] of refusals) {
      expect(response).toHaveProperty('content.application/problem+json.schema');
    }
  }
});

test('no path is described twice, under other names of its parameters', async () => {
  const { paths } = await document<OpenApi>('/openapi.json');
  const forms = Object.keys(paths).map((path) => path.replace(/\{\w+\}/g, '{}'));
  expect(new Set(forms).size).toBe(forms.length);
});

test('every route can refuse what is malformed', async () => {
  const { paths } = await document<OpenApi>('/openapi.json');
  for (const { operationId, responses } of Object.values(paths).flatMap((p) => Object.values(p))) {
    expect(Object.keys(responses), operationId).toContain('400');
  }
});

test('ids of what is made are described as of version 7, where they are in a path too [H2]', async () => {
  type Parameter = { readonly name: string; readonly schema: { readonly pattern?: string } };
  const { paths } = await document<{
    paths: Record<string, Record<string, { operationId: string; parameters?: Parameter[] }>>;
  }>('/openapi.json');
  const made = { 'create-circle': 'circle', 'create-stream': 'stream', 'post-message': 'message' };
  for (const each of Object.values(paths).flatMap((p) => Object.values(p))) {
    const name = made[each.operationId as keyof typeof made];
    const parameter = each.parameters?.find((one) => one.name === name);
    if (name) expect(parameter?.schema.pattern, each.operationId).toContain('-7[0-9a-f]{3}-');
  }
});

test('/asyncapi.json is AsyncAPI 3.0', async () => {
  const schema = structuredClone(asyncapi.schemas['3.0.0']) as { definitions: object };
  // Ajv has the schema of schemas itself; a second one of the same name confuses it.
  Reflect.deleteProperty(schema.definitions, 'http://json-schema.org/draft-07/schema');
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  const fits = ajv.compile(schema);
  expect(fits(await document('/asyncapi.json')) || fits.errors).toBe(true);
});

test('/asyncapi.json holds every frame of both sides, every command and every kind of event', async () => {
  const { channels, components, operations } = await document<AsyncApi>('/asyncapi.json');
  const { messages, schemas } = components;
  expect(Object.keys(channels.connect.messages)).toEqual(Object.keys(messages));
  const names = Object.keys(messages);
  const { names: commands } = executorAlone();
  const frames = [...clientFrames.keys()].filter((t) => t !== 'cmd');
  const told = ['ok', 'err', 'events', 'reset', 'live', 'end', 'sig', 'activity', 'ping', 'bye'];
  expect(names).toEqual(expect.arrayContaining([...frames, ...told, ...commands]));
  const kinds = [kindsOf.user, kindsOf.circle, kindsOf.stream].flatMap(Object.keys);
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining(kinds));
  expect(Object.keys(operations)).toEqual(expect.arrayContaining(commands));
});

test.each(['/openapi.json', '/asyncapi.json'])(
  '%s: every reference leads somewhere',
  async (url) => {
    const whole = await document<object>(url);
    const text = JSON.stringify(whole);
    expect(text).not.toContain('x-form');
    for (const [, path = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      expect(whole, path).toHaveProperty(path.split('/'));
    }
  },
);

test('the page of the socket shows every command, event and frame', async () => {
  const { payload, headers } = await server.app.inject({ url: '/docs/socket' });
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const { names } = executorAlone();
  const kinds = [kindsOf.user, kindsOf.circle, kindsOf.stream].flatMap(Object.keys);
  for (const name of [...names, ...kinds, ...clientFrames.keys()]) {
    expect(payload).toContain(`>${name}</a></h3>`);
  }
  expect(payload).not.toContain('undefined');
  expect(payload).not.toContain('></a></h3>');
  expect(payload).not.toMatch(/<script|style=|javascript:/);
});
