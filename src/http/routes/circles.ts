import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import type { ActorsPort } from '../../actors/port.ts';
import * as field from '../../app/fields.ts';
import { Refused } from '../../app/refusals.ts';
import { circleFor, entriesFor, outsideView } from '../../app/views/circles.ts';
import * as objects from '../../app/views/objects.ts';
import { createPastViews } from '../../app/views/past-views.ts';
import type { EventLog } from '../../events/log.ts';
import type { CirclePasts } from '../../history/circle-past.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Authentication } from '../authentication.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';
import { cut, known, pageFrom, pageReader } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

export type CircleRoutesDeps = {
  readonly actors: ActorsPort;
  readonly authentication: Authentication;
  readonly models: ReadModels;
  readonly log: EventLog;
  readonly pasts: CirclePasts;
  readonly now: () => number;
};

const circlesQuery = pageReader({
  directory: Type.Optional(Type.Literal('public')),
  q: Type.Optional(field.Question),
});

const circleQuery = queryReader(field.closed({ at: Type.Optional(field.Moment) }));

const about = {
  circles: describes({
    id: 'list-circles',
    summary: 'Your circles, or with `directory=public` those that anyone may join.',
    tag: 'circles',
    query: circlesQuery.schema,
    answers: { 200: objects.listing('circles', Type.Union([objects.CircleEntry, objects.Circle])) },
  }),
  directs: describes({
    id: 'list-directs',
    summary: 'Your direct conversations.',
    tag: 'directs',
    query: pageFrom.schema,
    answers: { 200: objects.listing('circles', objects.CircleEntry) },
  }),
  circle: describesInCircle({
    id: 'get-circle',
    summary: 'A circle as you may see it; for its owner, with `at`, as it was.',
    tag: 'circles',
    query: circleQuery.schema,
    answers: { 200: objects.holdingThen({ circle: objects.Circle }) },
  }),
};

/** Reads of circles and direct conversations. */
export const circleRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { models } = deps;
  const read = readRoutes(app, deps);
  const past = createPastViews(deps);

  const mine = async (user: string, kind: 'circle' | 'direct', { limit, page }: Paged) => {
    const rows = await models.memberships.ofUser(user, page, kind);
    const { page: shown, next } = cut(rows, limit, ({ circle }) => circle);
    const ids = shown.map(({ circle }) => circle);
    return { circles: await entriesFor(models, ids, user), ...next };
  };

  const listed = async (question: string, { limit, page }: Paged) => {
    const { ids, ...next } = await models.directory.page(question, { ...page, limit });
    const rows = await models.circles.getMany(ids);
    const open = ids.flatMap((id) => rows.get(id) ?? []);
    const seen = open.filter(({ visibility }) => visibility === 'public');
    return { circles: seen.map(outsideView), ...next };
  };

  read('/v1/circles', about.circles, async ({ caller, query }) => {
    const { directory, q, ...paged } = circlesQuery(query);
    if (directory !== undefined) return listed(q ?? '', paged);
    if (q === undefined) return mine(caller.user, 'circle', paged);
    throw new Refused('bad-request', { field: 'q', message: 'q requires directory=public' });
  });

  read('/v1/directs', about.directs, ({ caller, query }) =>
    mine(caller.user, 'direct', pageFrom(query)),
  );

  read('/v1/circles/:circle', about.circle, async ({ caller, params, query }) => {
    const { at } = circleQuery(query);
    const id = known(params.circle);
    if (at !== undefined) return past.circle({ caller, circle: id, at });
    const circle = await circleFor(models, id, caller.user);
    if (!circle) throw new Refused('not-found');
    return { circle };
  });
};

type Paged = Pick<ReturnType<typeof pageFrom>, 'limit' | 'page'>;
