import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { createGate, guardedBy } from '../../app/gate.ts';
import { limits } from '../../app/limits/limits.ts';
import { Refused } from '../../app/refusals.ts';
import { pageOf } from '../../app/views/messages.ts';
import * as objects from '../../app/views/objects.ts';
import { createPastViews } from '../../app/views/past-views.ts';
import { streamView } from '../../projections/models/streams.ts';
import { queryReader } from '../queries.ts';
import { page, pageViolation } from '../socket/frames.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { cut, known, pageReader, pathIn } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

const historyQuery = queryReader(field.closed({ ...page, at: Type.Optional(field.Moment) }));

const streamsQuery = pageReader({ at: Type.Optional(field.Moment) });

const about = {
  streams: describesInCircle({
    id: 'list-streams',
    summary: 'The streams of a circle, oldest first; for its owner, with `at`, as they were.',
    tag: 'streams',
    query: streamsQuery.schema,
    answers: { 200: objects.listingThen('streams', objects.Stream) },
  }),
  messages: describesInCircle({
    id: 'list-messages',
    summary: 'A page of a stream’s history, ascending; for the owner, with `at`, as it was.',
    tag: 'messages',
    query: historyQuery.schema,
    answers: { 200: objects.MessagePageThen },
  }),
};

/** Reads of streams. */
export const streamRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, authentication, models } = deps;
  const read = readRoutes(app, deps);
  const past = createPastViews(deps);
  const guarded = guardedBy(createGate(actors));

  read('/v1/circles/:circle/streams', about.streams, async ({ caller, params, query }) => {
    const circle = known(params.circle);
    const { limit, page, at } = streamsQuery(query);
    if (at !== undefined) {
      const { rows, moment } = await past.streams({ caller, circle, at }, page);
      const { page: shown, next } = cut(rows, limit, ({ order }) => String(order));
      return { streams: shown.map(({ view }) => view), moment, ...next };
    }
    const after = Number(page.after ?? 0);
    const all = await guarded(caller, circle, () => models.streams.ofCircle(circle));
    const rows = all.filter(({ order }) => order > after);
    const { page: shown, next } = cut(rows, limit, ({ order }) => String(order));
    return { streams: shown.map(streamView), ...next };
  });

  const messages = '/v1/circles/:circle/streams/:stream/messages';
  read(messages, about.messages, async ({ caller, params, query, request }) => {
    const { circle, stream } = params;
    const { limit = limits.pageDefault, at, ...bounds } = historyQuery(query);
    const violation = pageViolation(bounds);
    if (violation) throw new Refused('bad-request', violation);
    const s = pathIn(params);
    const range = { ...bounds, limit };
    const source = { models, turn: authentication.turnOf(request) };
    if (at !== undefined)
      return past.messages({ caller, circle, stream, at, turn: source.turn }, range);
    return guarded(caller, s, () => pageOf(source, { s, user: caller.user }, range));
  });
};
