import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import * as objects from '../../app/views/objects.ts';
import { unreadOf } from '../../app/views/unread.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { readRoutes } from './reads.ts';

const unreadQuery = queryReader(
  field.closed({ cursor: Type.Optional(Type.String({ maxLength: 64 })) }),
);

const about = describes({
  id: 'list-unread',
  summary: 'Your streams with unread messages.',
  tag: 'streams',
  query: unreadQuery.schema,
  answers: { 200: objects.listing('streams', objects.Unread) },
});

/** The caller's unread messages. */
export const unreadRoutes = (
  app: FastifyInstance,
  deps: Pick<CircleRoutesDeps, 'authentication' | 'models'>,
): void => {
  const { authentication, models } = deps;
  readRoutes(app, deps)('/v1/unread', about, async ({ caller, query, request }) => {
    const { cursor } = unreadQuery(query);
    return unreadOf({ models, turn: authentication.turnOf(request) }, caller.user, cursor);
  });
};
