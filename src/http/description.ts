import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type Type from 'typebox';

/** Describes the routes as OpenAPI 3.1, from the schemas that also check what comes in. */
export const describeRoutes = async (app: FastifyInstance): Promise<void> => {
  // Inputs are checked by the operations themselves, alike on both wires; here schemas only describe.
  app.setValidatorCompiler(() => () => true);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Oshi',
        description:
          'Chat over HTTP and JSON. What happens live comes over the WebSocket at /v1/connect.',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'oshi_session' },
        },
      },
      security: [{ token: [] }, { cookie: [] }],
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
};

type ObjectSchema = Type.TSchema & {
  readonly properties: Readonly<Record<string, Type.TSchema>>;
  readonly required?: readonly string[];
};

/** A route's description from its operation's input: `named` are the fields that its path gives. */
export const descriptionOf = (
  schema: Type.TSchema,
  { url, named }: { url: string; named: readonly string[] },
): object => {
  const { properties, required = [] } = schema as ObjectSchema;
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const inBody = Object.keys(properties).filter((name) => !named.includes(name));
  const params = Object.fromEntries(
    inPath.map((name) => [name, properties[name] ?? { type: 'string' }]),
  );
  const body = {
    type: 'object',
    properties: Object.fromEntries(inBody.map((name) => [name, properties[name]])),
    required: required.filter((name) => !named.includes(name)),
    additionalProperties: false,
  };
  return { params: { type: 'object', properties: params }, ...(inBody.length > 0 && { body }) };
};
