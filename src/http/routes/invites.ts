import type { FastifyInstance } from 'fastify';
import * as field from '../../app/fields.ts';
import { createGate } from '../../app/gate.ts';
import { Refused } from '../../app/refusals.ts';
import * as objects from '../../app/views/objects.ts';
import { inviteView, isUsable } from '../../projections/models/invites.ts';
import { defined } from '../../runtime/defined.ts';
import { describes } from '../description/route.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { cut, known, pageFrom } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

const about = {
  invites: describesInCircle({
    id: 'list-invites',
    summary: 'The invites to a circle, for members who may create some.',
    tag: 'invites',
    query: pageFrom.schema,
    answers: { 200: objects.listing('invites', objects.Invite) },
  }),
  preview: describes({
    id: 'get-invite',
    summary: 'A preview of an invite.',
    tag: 'invites',
    param: () => field.InviteCode,
    answers: { 200: objects.InvitePreview },
    refuses: ['invite-invalid'],
  }),
};

/** Reads of invites: the list for members who may invite, and the preview of one for anyone who has its code. */
export const inviteRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, models, now } = deps;
  const read = readRoutes(app, deps);
  const gate = createGate(actors);

  read('/v1/circles/:circle/invites', about.invites, async ({ caller, params, query }) => {
    const circle = known(params.circle);
    const { limit, page } = pageFrom(query);
    const { manages } = await gate(caller, circle);
    if (!manages) throw new Refused('forbidden');
    const rows = await models.invites.ofCircle(circle, page, now());
    const { page: shown, next } = cut(rows, limit, ({ order }) => String(order));
    return { invites: shown.map(inviteView), ...next };
  });

  read('/v1/invites/:code', about.preview, async ({ params }) => {
    const invite = await models.invites.get(params.code);
    const row =
      invite && isUsable(invite, now()) ? await models.circles.get(invite.circle) : undefined;
    if (!(invite && row)) throw new Refused('invite-invalid');
    const { expiresAt } = inviteView(invite);
    const { _id: id, name, about, members } = row;
    return { circle: { id, name, ...defined({ about }), members }, ...defined({ expiresAt }) };
  });
};
