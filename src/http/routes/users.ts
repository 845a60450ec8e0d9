import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { Refused } from '../../app/refusals.ts';
import * as objects from '../../app/views/objects.ts';
import { fold } from '../../text/fold.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { readRoutes } from './reads.ts';

const idsMax = 100;

const usersQuery = queryReader(
  field.closed({
    username: Type.Optional(field.GivenUsername),
    ids: Type.Optional(Type.String({ description: `At most ${idsMax} ids, joined by commas.` })),
  }),
);

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
  deps: Pick<CircleRoutesDeps, 'authentication' | 'models'>,
): void => {
  const read = readRoutes(app, deps);
  const { users, names } = deps.models;

  read('/v1/me', about.me, async ({ caller }) => ({ user: await users.get(caller.user) }));

  const found = async (id: string | undefined) => {
    const user = id === undefined ? undefined : await users.get(id);
    if (!user) throw new Refused('not-found');
    return { user };
  };

  read('/v1/users/:id', about.user, ({ params }) => found(params.id));

  read('/v1/users', about.users, async ({ query }) => {
    const { username, ids } = usersQuery(query);
    if ((username === undefined) === (ids === undefined)) {
      throw new Refused('bad-request', { field: 'ids', message: 'either username or ids' });
    }
    if (username !== undefined) {
      const folded = fold(username);
      return found((await names.holders([folded])).get(folded));
    }
    const requested = (ids ?? '').split(',').filter((id) => id !== '');
    const message = `at most ${idsMax} ids, joined by commas`;
    if (requested.length > idsMax) throw new Refused('bad-request', { field: 'ids', message });
    return { users: await users.getMany(requested) };
  });
};
