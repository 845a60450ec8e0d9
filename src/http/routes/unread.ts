import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import * as field from '../../app/fields.ts';
import * as objects from '../../app/views/objects.ts';
import { unreadOf } from '../../app/views/unread.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Authentication } from '../authentication.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';

export type UnreadRoutesDeps = {
  readonly authentication: Authentication;
  readonly models: ReadModels;
};

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
  { authentication, models }: UnreadRoutesDeps,
): void => {
  app.get('/v1/unread', about, async (request) => {
    const { user } = await authentication.reader(request);
    const { cursor } = unreadQuery(request.query);
    return unreadOf({ models, turn: authentication.turnOf(request) }, user, cursor);
  });
};
