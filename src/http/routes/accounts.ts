import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Actors } from '../../actors/actors.ts';
import { foldName } from '../../actors/name/fold.ts';
import { isUuid, type SessionId } from '../../events/ids.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { type Authentication, giveCookie } from '../authentication.ts';
import { fieldsOf } from '../bodies.ts';
import * as field from '../fields.ts';
import type { LoggedIn, LogIns } from '../log-ins.ts';
import { done } from '../operations/operation.ts';
import { queryReader } from '../queries.ts';
import { positionText, type Reader } from '../reader.ts';
import { Refused } from '../refusals.ts';
import type { Caller, Sessions } from '../sessions.ts';
import { check } from '../validation.ts';

const Register = check(
  field.closed({
    username: field.Username,
    password: field.Password,
    displayName: Type.Optional(field.DisplayName),
  }),
);
const LogIn = check(field.closed({ username: field.GivenUsername, password: field.GivenPassword }));
const usersQuery = queryReader(
  field.closed({
    username: Type.Optional(Type.String({ maxLength: 256 })),
    ids: Type.Optional(Type.String()),
  }),
);
const idsMax = 100;

type NewAccount = { username: string; password: string; displayName?: string };

export type AccountRoutesDeps = {
  readonly actors: Actors;
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  readonly logIns: LogIns;
  readonly models: ReadModels;
  readonly reader: Reader;
  readonly partitionOf: (key: string) => number;
  readonly now: () => number;
  /** Told of each session that was ended here, once that is durable. */
  readonly onSessionClosed: (session: SessionId, user: Caller['user']) => void;
};

const fitting = <Body>(form: typeof Register | typeof LogIn, body: unknown): Body => {
  const fields = fieldsOf(body);
  const misfit = form.misfit(fields);
  if (misfit) throw new Refused('bad-request', misfit);
  return fields as Body;
};

/** Registration, login, and the sessions of a person. */
export const sessionRoutes = (app: FastifyInstance, deps: AccountRoutesDeps): void => {
  const { actors, authentication, sessions, logIns, models, now } = deps;

  const opened = async ({ caller, token }: LoggedIn) => ({
    user: await models.users.get(caller.user),
    session: sessions.view(caller),
    token,
  });

  app.post('/v1/users', async (request, reply) => {
    const { username, password, displayName } = fitting<NewAccount>(Register, request.body);
    const from = { address: request.ip, userAgent: request.headers['user-agent'] };
    const loggedIn = await logIns.register({ username, password, displayName, ...from });
    return reply.code(201).send(await opened(loggedIn));
  });

  app.post('/v1/sessions', async (request, reply) => {
    const { username, password } = fitting<NewAccount>(LogIn, request.body);
    const from = { address: request.ip, userAgent: request.headers['user-agent'] };
    const loggedIn = await logIns.logIn({ username, password, ...from });
    if (!loggedIn) throw new Refused('unauthenticated');
    giveCookie(request, reply, loggedIn.token);
    return reply.code(201).send(await opened(loggedIn));
  });

  app.get('/v1/sessions', async (request) => {
    const caller = await authentication.reader(request);
    return { sessions: await sessions.list(caller) };
  });

  const close = async (caller: Caller, id: SessionId) => {
    const command = { op: 'close-session', by: caller.user, at: now(), id } as const;
    const { seq } = await done(actors.askUser(caller.user, command));
    deps.onSessionClosed(id, caller.user);
    const position = { partition: deps.partitionOf(caller.user), seq };
    deps.reader.note(caller.seen, position);
    return position;
  };

  app.delete<{ Params: { id: string } }>('/v1/sessions/:id', async (request, reply) => {
    const caller = await authentication.writer(request);
    const id = request.params.id === 'current' ? caller.session : request.params.id;
    if (!isUuid(id)) throw new Refused('not-found');
    const row = await models.sessions.get(id);
    if (row && row.user !== caller.user) throw new Refused('not-found');
    const position = await close(caller, id as SessionId);
    return reply.header('oshi-position', positionText(position)).code(204).send();
  });
};

/** Who somebody is. */
export const userRoutes = (
  app: FastifyInstance,
  { authentication, models }: Pick<AccountRoutesDeps, 'authentication' | 'models'>,
): void => {
  app.get('/v1/me', async (request) => {
    const caller = await authentication.reader(request);
    return { user: await models.users.get(caller.user) };
  });

  app.get<{ Params: { id: string } }>('/v1/users/:id', async (request) => {
    await authentication.reader(request);
    const user = await models.users.get(request.params.id);
    if (!user) throw new Refused('not-found');
    return { user };
  });

  app.get('/v1/users', async (request) => {
    await authentication.reader(request);
    const { username, ids } = usersQuery(request.query);
    if ((username === undefined) === (ids === undefined)) {
      throw new Refused('bad-request', { field: 'ids', message: 'either username or ids' });
    }
    if (username === undefined) {
      const wanted = (ids ?? '').split(',').filter((id) => id !== '');
      const message = `at most ${idsMax} ids, joined by commas`;
      if (wanted.length > idsMax) throw new Refused('bad-request', { field: 'ids', message });
      return { users: await models.users.getMany(wanted) };
    }
    const folded = foldName(username);
    const holder = (await models.names.holders([folded])).get(folded);
    const user = holder === undefined ? undefined : await models.users.get(holder);
    if (!user) throw new Refused('not-found');
    return { user };
  });
};
