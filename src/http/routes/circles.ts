import type { FastifyInstance } from 'fastify';
import type { Actors } from '../../actors/actors.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Authentication } from '../authentication.ts';
import { Refused } from '../refusals.ts';
import { createGate } from '../socket/gate.ts';
import { circleEntry, circleFor } from '../views/circles.ts';
import { cut, known, pageFrom } from './paging.ts';

export type CircleRoutesDeps = {
  readonly actors: Actors;
  readonly authentication: Authentication;
  readonly models: ReadModels;
};

type InCircle = { Params: { circle: string } };

/** What may be read of circles. */
export const circleRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, authentication, models } = deps;
  const gate = createGate(actors);

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
};
