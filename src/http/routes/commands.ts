import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import * as field from '../../app/fields.ts';
import type { Overload } from '../../app/limits/overload.ts';
import type { Executor, OperationName } from '../../app/operations/executor.ts';
import type { Answer } from '../../app/operations/operation.ts';
import { Refused } from '../../app/refusals.ts';
import { formatPosition } from '../../events/position.ts';
import { formatStreamPath } from '../../events/stream-path.ts';
import type { Authentication } from '../authentication.ts';
import { fieldsOf } from '../bodies.ts';
import { descriptions } from '../description/operations.ts';
import { describes, type RouteDescription } from '../description/route.ts';

type CommandRoute = readonly [method: HTTPMethods, url: string, op: OperationName];

/** The HTTP route of every command. Path parameters are fields of the operation. */
const commands: readonly CommandRoute[] = [
  ['PATCH', '/v1/me', 'update-profile'],
  ['PUT', '/v1/circles/:circle', 'create-circle'],
  ['PATCH', '/v1/circles/:circle', 'update-circle'],
  ['DELETE', '/v1/circles/:circle', 'delete-circle'],
  ['PUT', '/v1/circles/:circle/members/me', 'join-circle'],
  ['DELETE', '/v1/circles/:circle/members/me', 'leave-circle'],
  ['DELETE', '/v1/circles/:circle/members/:user', 'remove-member'],
  ['PATCH', '/v1/circles/:circle/members/me/data', 'set-member-data'],
  ['POST', '/v1/circles/:circle/invites', 'create-invite'],
  ['DELETE', '/v1/circles/:circle/invites/:code', 'revoke-invite'],
  ['PUT', '/v1/directs/:user', 'open-direct'],
  ['PUT', '/v1/circles/:circle/streams/:stream', 'create-stream'],
  ['PATCH', '/v1/circles/:circle/streams/:stream', 'update-stream'],
  ['DELETE', '/v1/circles/:circle/streams/:stream', 'delete-stream'],
  ['PUT', '/v1/circles/:circle/streams/:stream/messages/:message', 'post-message'],
  ['PATCH', '/v1/circles/:circle/streams/:stream/messages/:message', 'edit-message'],
  ['DELETE', '/v1/circles/:circle/streams/:stream/messages/:message', 'delete-message'],
  ['PUT', '/v1/circles/:circle/streams/:stream/messages/:message/reactions/:emoji', 'react'],
  ['DELETE', '/v1/circles/:circle/streams/:stream/messages/:message/reactions/:emoji', 'unreact'],
  ['PUT', '/v1/circles/:circle/streams/:stream/messages/:message/pin', 'pin'],
  ['DELETE', '/v1/circles/:circle/streams/:stream/messages/:message/pin', 'unpin'],
  ['PUT', '/v1/circles/:circle/streams/:stream/read', 'mark-read'],
];

const ofCircles: ReadonlySet<string> = new Set(['create-circle', 'update-circle', 'delete-circle']);

/** The field of a single path parameter: what is itself created or changed is the `id`. */
const fieldOf = (op: string, param: string): string => {
  const isSubject = param === 'message' || (param === 'stream' && op === 'create-stream');
  return isSubject || (param === 'circle' && ofCircles.has(op)) ? 'id' : param;
};

/** The path parameters as fields of the operation: a stream is named together with its circle, as on the socket. */
const fieldsIn = (op: string, params: Readonly<Record<string, string>>): Record<string, string> => {
  const { circle = '', stream, ...rest } = params;
  const isPlace = stream !== undefined && op !== 'create-stream';
  const alone = isPlace ? rest : params;
  const fields = Object.entries(alone).map(([name, value]) => [fieldOf(op, name), value]);
  return { ...(isPlace && { s: formatStreamPath(circle, stream) }), ...Object.fromEntries(fields) };
};

/** The fields set by a path. */
const pathFields = (op: string, url: string): string[] => {
  const params = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, '']);
  return Object.keys(fieldsIn(op, Object.fromEntries(params)));
};

/** The input. The body cannot set fields of the path again. */
const inputOf = (op: string, request: FastifyRequest): Record<string, unknown> => {
  const named = fieldsIn(op, request.params as Record<string, string>);
  const body = fieldsOf(request.body);
  const twice = Object.keys(body).find((name) => Object.hasOwn(named, name));
  if (twice !== undefined) {
    throw new Refused('bad-request', { field: twice, message: `${twice} is set by the path` });
  }
  return { ...body, ...named };
};

/** Sends an answer: 201 if something was created, 200 with a body, else 204. */
const sendAnswer = (reply: FastifyReply, { created, body, position }: Answer) => {
  if (position) void reply.header('oshi-position', formatPosition(position));
  if (!body && reply.request.method !== 'PUT') return reply.code(204).send();
  return reply.code(created ? 201 : 200).send(body);
};

const statuses = { never: [200], sometimes: [200, 201], always: [201] } as const;

/** The description of a command's route: its body has the fields that the path does not set. */
const descriptionOf = (executor: Executor, [method, url, op]: CommandRoute): RouteDescription => {
  const { summary, tag, answer, refuses = [], isNew = 'never' } = descriptions[op];
  const { properties } = executor.schemaOf(op);
  const named = pathFields(op, url);
  const given = Object.entries(properties).filter(([name]) => !named.includes(name));
  const answered = answer !== undefined || method === 'PUT' ? statuses[isNew] : [204];
  return {
    id: op,
    summary,
    tag,
    refuses: executor.mayAddContent(op) ? [...refuses, 'out-of-space'] : refuses,
    param: (name) => properties[fieldOf(op, name)],
    ...(given.length > 0 && { body: field.closed(Object.fromEntries(given)) }),
    answers: Object.fromEntries(answered.map((status) => [status, answer])),
    ...(executor.isKeyed(op) && { isKeyed: true }),
  };
};

export type CommandRoutesDeps = {
  readonly authentication: Authentication;
  readonly executor: Executor;
  readonly overload: Pick<Overload, 'run'>;
};

/** The routes of all commands. */
export const commandRoutes = (
  app: FastifyInstance,
  { authentication, executor, overload }: CommandRoutesDeps,
): void => {
  for (const route of commands) {
    const [method, url, op] = route;
    app.route({
      method,
      url,
      ...describes(descriptionOf(executor, route)),
      async handler(request, reply) {
        const caller = await authentication.writer(request);
        const header = request.headers['idempotency-key'];
        const key = typeof header === 'string' ? { key: header } : {};
        const input = inputOf(op, request);
        const execute = () => executor.execute({ caller, op, input, ...key });
        return sendAnswer(reply, await overload.run(caller.user, execute));
      },
    });
  }
};
