import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { createGate, guardedBy } from '../../app/gate.ts';
import { memberViews, ownData } from '../../app/views/members.ts';
import * as objects from '../../app/views/objects.ts';
import { createPastViews } from '../../app/views/past-views.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { cut, known, pageReader } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

const membersQuery = pageReader({ at: Type.Optional(field.Moment) });

const about = {
  members: describesInCircle({
    id: 'list-members',
    summary: 'The members of a circle; for its owner, with `at`, as they were.',
    tag: 'members',
    query: membersQuery.schema,
    answers: { 200: objects.listingThen('members', objects.Member) },
  }),
  data: describesInCircle({
    id: 'get-member-data',
    summary: 'Your names and your own data in a circle.',
    tag: 'members',
    answers: { 200: objects.MemberData },
  }),
};

/** Reads of members, and of a member's own data. */
export const memberRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, models } = deps;
  const read = readRoutes(app, deps);
  const past = createPastViews(deps);
  const guarded = guardedBy(createGate(actors));

  read('/v1/circles/:circle/members', about.members, async ({ caller, params, query }) => {
    const circle = known(params.circle);
    const { limit, page, at } = membersQuery(query);
    if (at !== undefined) {
      const { rows, moment } = await past.members({ caller, circle, at }, page);
      const { page: shown, next } = cut(rows, limit, ({ user }) => user.id);
      return { members: shown, moment, ...next };
    }
    return guarded(caller, circle, async () => {
      const rows = await models.memberships.ofCircle(circle, page);
      const { page: shown, next } = cut(rows, limit, ({ user }) => user);
      return { members: await memberViews(models, shown), ...next };
    });
  });

  read('/v1/circles/:circle/members/me/data', about.data, async ({ caller, params }) => {
    const circle = known(params.circle);
    return guarded(caller, circle, async () =>
      ownData(await models.memberships.get(circle, caller.user)),
    );
  });
};
