import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { Refused } from '../../app/refusals.ts';
import type { LoggedIn, LogIns } from '../../app/sessions/log-ins.ts';
import type { Sessions } from '../../app/sessions/sessions.ts';
import { check, valid } from '../../app/validation.ts';
import * as objects from '../../app/views/objects.ts';
import { formatPosition } from '../../events/position.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Authentication } from '../authentication.ts';
import { fieldsOf } from '../bodies.ts';
import { deviceOf, giveDevice, giveSession } from '../cookies.ts';
import { describes } from '../description/route.ts';
import { cut, known, pageFrom } from './paging.ts';
import { readRoutes } from './reads.ts';

const Register = check(
  field.closed({
    username: field.Username,
    password: field.Password,
    displayName: Type.Optional(field.DisplayName),
    invite: Type.Optional(field.InviteCode),
  }),
);
const LogIn = check(field.closed({ username: field.GivenUsername, password: field.GivenPassword }));
const ChangePassword = check(
  field.closed({ password: field.GivenPassword, newPassword: field.Password }),
);

export type AccountRoutesDeps = {
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  readonly logIns: LogIns;
  readonly models: ReadModels;
};

const welcome = Type.Object({
  user: objects.User,
  session: objects.Session,
  token: Type.String({ description: 'For `Authorization: Bearer`; also set as a cookie.' }),
});
const about = {
  register: describes({
    id: 'register',
    summary: 'Registers an account and logs in; with an invite it also joins a circle.',
    tag: 'accounts',
    body: Register.schema,
    answers: { 201: welcome },
    refuses: ['username-taken', 'forbidden', 'invite-invalid', 'out-of-space'],
    isOpen: true,
  }),
  logIn: describes({
    id: 'log-in',
    summary: 'Opens a session.',
    tag: 'accounts',
    body: LogIn.schema,
    answers: { 201: welcome },
    refuses: ['unauthenticated', 'suspended'],
    isOpen: true,
  }),
  sessions: describes({
    id: 'list-sessions',
    summary: 'Your sessions, oldest first.',
    tag: 'accounts',
    query: pageFrom.schema,
    answers: { 200: objects.listing('sessions', objects.Session) },
  }),
  logOut: describes({
    id: 'log-out',
    summary:
      'Ends a session: an id, `current`, or all `others`. Its connections are closed immediately.',
    tag: 'accounts',
    param: () => Type.String({ description: 'An id, `current` or `others`.' }),
    answers: { 204: undefined },
    refuses: ['not-found'],
  }),
  changePassword: describes({
    id: 'change-password',
    summary: 'Changes the password and ends all other sessions.',
    tag: 'accounts',
    body: ChangePassword.schema,
    answers: { 204: undefined },
    refuses: ['forbidden'],
  }),
};

const fromOf = (request: FastifyRequest) => ({
  address: request.ip,
  userAgent: request.headers['user-agent'],
  device: deviceOf(request),
  isGone: () => request.raw.socket.destroyed,
});

/** Registration, login, and the sessions of a user. */
export const accountRoutes = (app: FastifyInstance, deps: AccountRoutesDeps): void => {
  const { authentication, sessions, logIns, models } = deps;

  const welcomed = async (request: FastifyRequest, reply: FastifyReply, loggedIn: LoggedIn) => {
    const { caller, token, device } = loggedIn;
    giveSession(request, reply, token);
    giveDevice(request, reply, device);
    const user = await models.users.get(caller.user);
    return reply.code(201).send({ user, session: sessions.view(caller), token });
  };

  app.post('/v1/users', about.register, async (request, reply) => {
    const account = valid(Register, fieldsOf(request.body));
    const loggedIn = await logIns.register({ ...account, ...fromOf(request) });
    return welcomed(request, reply, loggedIn);
  });

  app.post('/v1/sessions', about.logIn, async (request, reply) => {
    const { username, password } = valid(LogIn, fieldsOf(request.body));
    const loggedIn = await logIns.logIn({ username, password, ...fromOf(request) });
    if (!loggedIn) throw new Refused('unauthenticated');
    return welcomed(request, reply, loggedIn);
  });

  readRoutes(app, deps)('/v1/sessions', about.sessions, async ({ caller, query }) => {
    const { limit, page } = pageFrom(query);
    const { after = '' } = page;
    const rows = (await sessions.list(caller)).filter(({ id }) => id > after);
    const { page: shown, next } = cut(rows, limit, ({ id }) => id);
    return { sessions: shown, ...next };
  });

  app.delete<{ Params: { id: string } }>(
    '/v1/sessions/:id',
    about.logOut,
    async (request, reply) => {
      const caller = await authentication.writer(request);
      const ends = request.params.id === 'current' ? caller.session : request.params.id;
      const position = await logIns.logOut(caller, ends === 'others' ? ends : known(ends));
      if (ends === caller.session) authentication.forget(request, reply);
      return reply.header('oshi-position', formatPosition(position)).code(204).send();
    },
  );

  app.put('/v1/me/password', about.changePassword, async (request, reply) => {
    const caller = await authentication.writer(request);
    const change = valid(ChangePassword, fieldsOf(request.body));
    const { position, device } = await logIns.changePassword(caller, change);
    giveDevice(request, reply, device);
    return reply.header('oshi-position', formatPosition(position)).code(204).send();
  });
};
