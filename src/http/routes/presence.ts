import type { FastifyInstance } from 'fastify';
import { createGate, guardedBy } from '../../app/gate.ts';
import * as objects from '../../app/views/objects.ts';
import type { CircleId } from '../../events/ids.ts';
import type { Live } from '../../hub/live/live.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { known } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

export type PresenceRoutesDeps = Pick<CircleRoutesDeps, 'actors' | 'authentication'> & {
  readonly live: Pick<Live, 'presenceOf'>;
};

const about = describesInCircle({
  id: 'get-presence',
  summary: 'The presence of a circle, at most 1,000 users.',
  tag: 'members',
  answers: { 200: objects.Presence },
});

export const presenceRoutes = (app: FastifyInstance, deps: PresenceRoutesDeps): void => {
  const guarded = guardedBy(createGate(deps.actors));

  readRoutes(app, deps)('/v1/circles/:circle/presence', about, async ({ caller, params }) => {
    const circle = known(params.circle);
    return guarded(caller, circle, () => deps.live.presenceOf(circle as CircleId));
  });
};
