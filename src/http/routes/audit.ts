import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import * as field from '../../app/fields.ts';
import { createOwnerGate, type Gate, guardedBy } from '../../app/gate.ts';
import { limits } from '../../app/limits/limits.ts';
import { Refused } from '../../app/refusals.ts';
import type { Caller } from '../../app/sessions/sessions.ts';
import { asMembers } from '../../app/views/members.ts';
import * as objects from '../../app/views/objects.ts';
import type { UserId } from '../../events/ids.ts';
import type { EventLog } from '../../events/log.ts';
import { type Audit, createAudit, namedEntries } from '../../history/audit.ts';
import { createConnections } from '../../history/connections.ts';
import type { Entry } from '../../history/entries.ts';
import { type ExportFormat, exporter, mediaTypes } from '../../history/export.ts';
import { type AuditFilter, BadFilter, filterFrom } from '../../history/filters.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { known } from './paging.ts';

export type AuditRoutesDeps = CircleRoutesDeps & {
  /** What connections did: it knows the sessions of events that do not name theirs. */
  readonly connectionLog: EventLog;
};

const written = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));

const auditQuery = queryReader(
  field.closed({
    stream: written('The id of a stream: what happened in it, and to it.'),
    user: written('The id of a user: what befell them.'),
    kind: written('A kind of event, such as `member-removed`.'),
    by: written('The id of a user: what they did.'),
    since: written('At this time or later: ISO 8601 (without a zone: UTC), or ms since 1970.'),
    until: written('Before this time.'),
    after: written('Behind this position, `<partition>:<seq>`.'),
    order: Type.Optional(
      Type.Union([Type.Literal('desc'), Type.Literal('asc')], {
        description: 'The newest first (`desc`), or the oldest. Files have the oldest first.',
      }),
    ),
    cursor: written('The `next` of the page before.'),
    limit: Type.Optional(field.Limit),
    format: Type.Optional(
      Type.Union([Type.Literal('ndjson'), Type.Literal('csv')], {
        description: 'Everything that fits as a file, instead of a page.',
      }),
    ),
  }),
);

const about = describes({
  id: 'audit-circle',
  summary: 'Who did what in a circle and its streams, and what it was before; for its owner.',
  tag: 'circles',
  query: auditQuery.schema,
  answers: {
    200: objects.listing('entries', objects.AuditEntry, { users: Type.Array(objects.Person) }),
  },
  refuses: ['not-found', 'forbidden', 'rate-limited'],
});

/** What does not fit a filter, as the wire says it. */
const refusing = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
  answer.catch((error: unknown) => {
    if (!(error instanceof BadFilter)) throw error;
    throw new Refused('bad-request', { field: error.field, message: error.message }, error);
  });

const peopleIn = async (models: ReadModels, circle: string, entries: readonly Entry[]) => {
  const ids = new Set(entries.flatMap(({ by, user }) => (user === undefined ? [by] : [by, user])));
  return asMembers(models, circle, await models.users.getMany(ids));
};

type Asked = { readonly caller: Caller; readonly circle: string; readonly filter: AuditFilter };

/** Files that are being written: few at a time, of each user fewer, and all of them end with the server. */
const createExports = (app: FastifyInstance) => {
  /** By whom. A place is taken as soon as it is asked for, and held until the response has ended. */
  const places = new Map<symbol, UserId>();
  const responses = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const response of responses) response.destroy();
  });

  const refuse = (message: string): never => {
    throw new Refused('rate-limited', { message, retryAfter: limits.exportRetryMs });
  };

  /** Takes a place; gives what frees it. */
  const take = (user: UserId): (() => void) => {
    const own = [...places.values()].filter((holder) => holder === user);
    if (own.length >= limits.exportsPerUserMax) {
      refuse('You are exporting already; try again when that file is complete.');
    }
    if (places.size >= limits.exportsMax) refuse('Others are exporting; try again in a while.');
    const place = Symbol(user);
    places.set(place, user);
    return () => void places.delete(place);
  };

  return {
    /** Sends what the function gives, once there is a place for it; throws `Refused` if there is none. */
    async send(user: UserId, reply: FastifyReply, begin: () => Promise<AsyncIterable<string>>) {
      const free = take(user);
      const { raw: response } = reply;
      try {
        const stream = Readable.from(await begin(), { objectMode: false });
        // A client that has disconnected meanwhile holds no place: its response will not close once more.
        if (response.destroyed) free();
        responses.add(response);
        response.once('close', () => {
          responses.delete(response);
          free();
        });
        return reply.send(stream);
      } catch (error) {
        free();
        throw error;
      }
    },
  };
};

/** The file's portions. Whoever loses the right meanwhile gets a file that breaks off. */
async function* portionsOf(
  { audit, gate, models }: { audit: Audit; gate: Gate; models: ReadModels },
  { caller, circle, filter }: Asked,
  format: ExportFormat,
): AsyncGenerator<string> {
  const { header, write } = exporter(format);
  let unsent = header;
  for await (const entries of audit.all(circle, filter)) {
    const text = unsent + write(await namedEntries({ models }, entries));
    await gate(caller, circle);
    if (text !== '') yield text;
    unsent = '';
  }
  if (unsent !== '') yield unsent;
}

/** What the owner of a circle may ask about who did what in it. */
export const auditRoutes = (app: FastifyInstance, deps: AuditRoutesDeps): void => {
  const { actors, authentication, models, log, pasts, connectionLog } = deps;
  const gate = createOwnerGate(actors);
  const guarded = guardedBy(gate);
  const connections = createConnections(connectionLog);
  const audit = createAudit({ log, models, trail: models.trail, pasts, connections });
  const files = createExports(app);

  const exported = async (reply: FastifyReply, asked: Asked, format: ExportFormat) => {
    await gate(asked.caller, asked.circle);
    const portions = portionsOf({ audit, gate, models }, asked, format);
    const name = `audit-${asked.circle}.${format}`;
    return files.send(asked.caller.user, reply, async () => {
      // The first portion is read before anything is sent: what does not fit can still be said.
      const first = await refusing(portions.next());
      void reply.type(mediaTypes[format]);
      void reply.header('content-disposition', `attachment; filename="${name}"`);
      return resumed(first, portions);
    });
  };

  app.get<{ Params: { circle: string } }>(
    '/v1/circles/:circle/audit',
    about,
    async (request, reply) => {
      const caller = await authentication.reader(request);
      const circle = known(request.params.circle);
      const {
        order = 'desc',
        cursor,
        limit = limits.pageDefault,
        format,
        ...filters
      } = auditQuery(request.query);
      const filter = await refusing(Promise.resolve().then(() => filterFrom(filters)));
      if (format !== undefined) return exported(reply, { caller, circle, filter }, format);
      return guarded(caller, circle, async () => {
        const range = { order, limit, bytesMax: limits.pageBytesMax };
        const asked = cursor === undefined ? range : { ...range, cursor };
        const { entries, ...next } = await refusing(audit.page(circle, filter, asked));
        return { entries, users: await peopleIn(models, circle, entries), ...next };
      });
    },
  );
};

async function* resumed(
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (!first.done) yield first.value;
  yield* rest;
}
