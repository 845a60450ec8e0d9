import type { FastifyInstance } from 'fastify';
import type { Actors } from '../../actors/actors.ts';
import { createGate, guardedBy } from '../../app/gate.ts';
import * as objects from '../../app/views/objects.ts';
import type { CircleId } from '../../events/ids.ts';
import type { Live } from '../../hub/live/live.ts';
import type { Authentication } from '../authentication.ts';
import { describes } from '../description/route.ts';
import { known } from './paging.ts';

export type PresenceRoutesDeps = {
  readonly actors: Actors;
  readonly authentication: Authentication;
  readonly live: Pick<Live, 'presenceOf'>;
};

const about = describes({
  id: 'get-presence',
  summary: 'The presence of a circle, at most 1,000 users.',
  tag: 'members',
  answers: { 200: objects.Presence },
  refuses: ['not-found', 'forbidden'],
});

export const presenceRoutes = (
  app: FastifyInstance,
  { actors, authentication, live }: PresenceRoutesDeps,
): void => {
  const guarded = guardedBy(createGate(actors));

  app.get<{ Params: { circle: string } }>(
    '/v1/circles/:circle/presence',
    about,
    async (request) => {
      const caller = await authentication.reader(request);
      const circle = known(request.params.circle);
      return guarded(caller, circle, () => live.presenceOf(circle as CircleId));
    },
  );
};
