import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Actors } from '../../actors/actors.ts';
import { isUuid } from '../../events/ids.ts';
import { streamView } from '../../projections/models/streams.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Authentication } from '../authentication.ts';
import * as field from '../fields.ts';
import { limits } from '../limits.ts';
import { queryReader } from '../queries.ts';
import { Refused } from '../refusals.ts';
import { pageMisfit } from '../socket/frames.ts';
import { createGate } from '../socket/gate.ts';
import { circleEntry, circleFor, pageOf } from '../views.ts';

const pageQuery = queryReader(
  field.closed({
    cursor: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(field.Limit),
  }),
);
const historyQuery = queryReader(
  field.closed({
    before: Type.Optional(field.Count),
    after: Type.Optional(field.Count),
    around: Type.Optional(field.Count),
    limit: Type.Optional(field.Limit),
  }),
);

export type CircleRoutesDeps = {
  readonly actors: Actors;
  readonly authentication: Authentication;
  readonly models: ReadModels;
};

type InCircle = { Params: { circle: string } };
type InStream = { Params: { circle: string; stream: string } };

/** A page's rows and the key from which the next page goes on; one row more is read than is shown. */
const cut = <Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? { next: keyOf(last) } : {} };
};

const known = (id: string): string => {
  if (!isUuid(id)) throw new Refused('not-found');
  return id;
};

/** What may be read of circles. */
export const circleRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, authentication, models } = deps;
  const gate = createGate(actors);
  const pageFrom = (query: unknown) => {
    const { cursor, limit = limits.pageDefault } = pageQuery(query);
    return { limit, page: { ...(cursor !== undefined && { after: cursor }), limit: limit + 1 } };
  };

  app.get('/v1/circles', async (request) => {
    const caller = await authentication.reader(request);
    const { limit, page } = pageFrom(request.query);
    const memberships = await models.memberships.ofUser(caller.user, page);
    const { page: rows, next } = cut(memberships, limit, ({ circle }) => circle);
    const circles = await models.circles.getMany(rows.map(({ circle }) => circle));
    const entries = rows.flatMap(({ circle }) => circles.get(circle) ?? []).map(circleEntry);
    return { circles: entries, ...next };
  });

  app.get<InCircle>('/v1/circles/:circle', async (request) => {
    const caller = await authentication.reader(request);
    const circle = await circleFor(models, known(request.params.circle), caller.user);
    if (!circle) throw new Refused('not-found');
    return { circle };
  });

  app.get<InCircle>('/v1/circles/:circle/members', async (request) => {
    const caller = await authentication.reader(request);
    const circle = known(request.params.circle);
    const { limit, page } = pageFrom(request.query);
    await gate(caller, circle);
    const { page: rows, next } = cut(
      await models.memberships.ofCircle(circle, page),
      limit,
      ({ user }) => user,
    );
    const people = await models.users.getMany(rows.map(({ user }) => user));
    const byId = new Map(people.map((user) => [user.id, user]));
    const members = rows.flatMap(({ user: id, joinedAt }) => {
      const user = byId.get(id);
      return user ? [{ user, joinedAt }] : [];
    });
    return { members, ...next };
  });

  app.get<InCircle>('/v1/circles/:circle/streams', async (request) => {
    const caller = await authentication.reader(request);
    const circle = known(request.params.circle);
    const { limit, page } = pageFrom(request.query);
    await gate(caller, circle);
    const after = Number(page.after ?? 0);
    const rows = (await models.streams.ofCircle(circle)).filter(({ order }) => order > after);
    const { page: shown, next } = cut(rows, limit, ({ order }) => String(order));
    return { streams: shown.map(streamView), ...next };
  });

  app.get<InStream>('/v1/circles/:circle/streams/:stream/messages', async (request) => {
    const caller = await authentication.reader(request);
    const { circle, stream } = request.params;
    const { limit = limits.pageDefault, ...bounds } = historyQuery(request.query);
    const misfit = pageMisfit(bounds);
    if (misfit) throw new Refused('bad-request', misfit);
    const s = `${known(circle)}/${known(stream)}`;
    await gate(caller, s);
    return pageOf(models, s, { ...bounds, limit });
  });
};
