import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { createOwnerGate, guardedBy } from '../../app/gate.ts';
import type { ProjectionStatus } from '../../projections/status.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { known } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

export type ProjectionRoutesDeps = CircleRoutesDeps & {
  /** The status of all projections in the partition of a circle. */
  readonly statusesFor: (circle: string) => Promise<readonly ProjectionStatus[]>;
};

const states = ['catching-up', 'live', 'failed', 'stopped', 'not running'] as const;

const Projection = Type.Object({
  name: Type.String(),
  version: field.Count,
  state: Type.Union(states.map((state) => Type.Literal(state))),
  applied: field.Count,
  head: field.Count,
  lag: field.Count,
  rate: Type.Optional(Type.Number({ description: 'Events per second recently, while it runs.' })),
});

const about = describesInCircle({
  id: 'list-projections',
  summary: 'The progress of each projection in the partition of the circle; for its owner.',
  tag: 'circles',
  answers: { 200: Type.Object({ projections: Type.Array(Projection) }) },
});

/** A projection as visible to an owner: nothing of other partitions, and no error text. */
const viewOf = ({ name, version, state, applied, heads, lag, run }: ProjectionStatus) => ({
  name,
  version,
  state,
  applied: applied[0] ?? 0,
  head: heads[0] ?? 0,
  lag,
  ...(run && (state === 'live' || state === 'catching-up') && { rate: run.rate }),
});

/** How current the read models of a circle are. */
export const projectionRoutes = (app: FastifyInstance, deps: ProjectionRoutesDeps): void => {
  const guarded = guardedBy(createOwnerGate(deps.actors));

  readRoutes(app, deps)('/v1/circles/:circle/projections', about, async ({ caller, params }) => {
    const circle = known(params.circle);
    return guarded(caller, circle, async () => ({
      projections: (await deps.statusesFor(circle)).map(viewOf),
    }));
  });
};
