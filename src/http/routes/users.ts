import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import * as field from '../../app/fields.ts';
import { Refused } from '../../app/refusals.ts';
import * as objects from '../../app/views/objects.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { fold } from '../../text/fold.ts';
import type { Authentication } from '../authentication.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';

const idsMax = 100;

const usersQuery = queryReader(
  field.closed({
    username: Type.Optional(field.GivenUsername),
    ids: Type.Optional(Type.String({ description: `At most ${idsMax} ids, joined by commas.` })),
  }),
);

export type UserRoutesDeps = {
  readonly authentication: Authentication;
  readonly models: ReadModels;
};

const user = Type.Object({ user: objects.User });
const about = {
  me: describes({
    id: 'get-me',
    summary: 'Your own profile.',
    tag: 'users',
    answers: { 200: user },
  }),
  user: describes({
    id: 'get-user',
    summary: 'A user by id.',
    tag: 'users',
    answers: { 200: user },
    refuses: ['not-found'],
  }),
  users: describes({
    id: 'find-users',
    summary: 'A user by username, or several users by ids.',
    tag: 'users',
    query: usersQuery.schema,
    answers: { 200: Type.Union([user, Type.Object({ users: Type.Array(objects.User) })]) },
    refuses: ['not-found'],
  }),
};

/** Reads of users. */
export const userRoutes = (
  app: FastifyInstance,
  { authentication, models }: UserRoutesDeps,
): void => {
  app.get('/v1/me', about.me, async (request) => {
    const caller = await authentication.reader(request);
    return { user: await models.users.get(caller.user) };
  });

  app.get<{ Params: { id: string } }>('/v1/users/:id', about.user, async (request) => {
    await authentication.reader(request);
    const found = await models.users.get(request.params.id);
    if (!found) throw new Refused('not-found');
    return { user: found };
  });

  const named = async (username: string) => {
    const folded = fold(username);
    const holder = (await models.names.holders([folded])).get(folded);
    const found = holder === undefined ? undefined : await models.users.get(holder);
    if (!found) throw new Refused('not-found');
    return { user: found };
  };

  app.get('/v1/users', about.users, async (request) => {
    await authentication.reader(request);
    const { username, ids } = usersQuery(request.query);
    if ((username === undefined) === (ids === undefined)) {
      throw new Refused('bad-request', { field: 'ids', message: 'either username or ids' });
    }
    if (username !== undefined) return named(username);
    const requested = (ids ?? '').split(',').filter((id) => id !== '');
    const message = `at most ${idsMax} ids, joined by commas`;
    if (requested.length > idsMax) throw new Refused('bad-request', { field: 'ids', message });
    return { users: await models.users.getMany(requested) };
  });
};
