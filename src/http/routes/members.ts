import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import * as field from '../../app/fields.ts';
import { createGate, guardedBy } from '../../app/gate.ts';
import { memberViews, ownData } from '../../app/views/members.ts';
import * as objects from '../../app/views/objects.ts';
import { createPastViews } from '../../app/views/past-views.ts';
import { describes } from '../description/route.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { cut, known, pageReader } from './paging.ts';

const membersQuery = pageReader({ at: Type.Optional(field.Moment) });

const about = {
  members: describes({
    id: 'list-members',
    summary: 'The members of a circle; for its owner, with `at`, as they were.',
    tag: 'members',
    query: membersQuery.schema,
    answers: { 200: objects.listingThen('members', objects.Member) },
    refuses: ['not-found', 'forbidden'],
  }),
  data: describes({
    id: 'get-member-data',
    summary: 'Your names and your own data in a circle.',
    tag: 'members',
    answers: { 200: objects.MemberData },
    refuses: ['not-found', 'forbidden'],
  }),
};

type InCircle = { Params: { circle: string } };

/** Reads of members, and of a member's own data. */
export const memberRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, authentication, models } = deps;
  const past = createPastViews(deps);
  const guarded = guardedBy(createGate(actors));

  app.get<InCircle>('/v1/circles/:circle/members', about.members, async (request) => {
    const caller = await authentication.reader(request);
    const circle = known(request.params.circle);
    const { limit, page, at } = membersQuery(request.query);
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

  app.get<InCircle>('/v1/circles/:circle/members/me/data', about.data, async (request) => {
    const caller = await authentication.reader(request);
    const circle = known(request.params.circle);
    return guarded(caller, circle, async () =>
      ownData(await models.memberships.get(circle, caller.user)),
    );
  });
};
