import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { streamView } from '../../projections/models/streams.ts';
import * as field from '../fields.ts';
import { limits } from '../limits.ts';
import { queryReader } from '../queries.ts';
import { Refused } from '../refusals.ts';
import { pageMisfit } from '../socket/frames.ts';
import { createGate } from '../socket/gate.ts';
import { pageOf } from '../views/messages.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { cut, known, pageFrom } from './paging.ts';

const historyQuery = queryReader(
  field.closed({
    before: Type.Optional(field.Count),
    after: Type.Optional(field.Count),
    around: Type.Optional(field.Count),
    limit: Type.Optional(field.Limit),
  }),
);

type InCircle = { Params: { circle: string } };
type InStream = { Params: { circle: string; stream: string } };

/** What may be read of streams. */
export const streamRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, authentication, models } = deps;
  const gate = createGate(actors);

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
