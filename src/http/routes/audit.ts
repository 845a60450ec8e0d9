import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import * as Type from 'typebox';
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
import { defined } from '../../runtime/defined.ts';
import { describes } from '../description/route.ts';
import { queryReader } from '../queries.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { known } from './paging.ts';
import { readRoutes } from './reads.ts';

export type AuditRoutesDeps = CircleRoutesDeps & {
  /** The log of connections, which knows the sessions of events that do not contain theirs. */
  readonly connectionLog: EventLog;
};

const written = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));

const auditQuery = queryReader(
  field.closed({
    stream: written('The id of a stream: events in it and about it.'),
    user: written('The id of a user: events that affect them.'),
    kind: written('A kind of event, such as `member-removed`.'),
    by: written('The id of a user: what they did.'),
    since: written('At this time or later: ISO 8601 (without a zone: UTC), or ms since 1970.'),
    until: written('Before this time.'),
    after: written('After this position, `<partition>:<seq>`.'),
    order: Type.Optional(
      Type.Union([Type.Literal('desc'), Type.Literal('asc')], {
        description: 'The newest first (`desc`), or the oldest. Files have the oldest first.',
      }),
    ),
    cursor: written('The `next` of the page before.'),
    limit: Type.Optional(field.Limit),
    format: Type.Optional(
      Type.Union([Type.Literal('ndjson'), Type.Literal('csv')], {
        description: 'All matching entries as a file, instead of a page.',
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

/** Converts `BadFilter` into a refusal. */
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

/** Limits concurrent exports, in total and per user, and ends them with the server. */
const createExports = (app: FastifyInstance) => {
  /** Slots by user. A slot is taken with the request, and held until the response has ended. */
  const slots = new Map<symbol, UserId>();
  const responses = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const response of responses) response.destroy();
  });

  const refuse = (message: string): never => {
    throw new Refused('rate-limited', { message, retryAfter: limits.exportRetryMs });
  };

  /** Takes a slot; returns a function that releases it. */
  const take = (user: UserId): (() => void) => {
    const own = [...slots.values()].filter((holder) => holder === user);
    if (own.length >= limits.exportsPerUserMax) {
      refuse('You have an export running; try again when it is complete.');
    }
    if (slots.size >= limits.exportsMax) refuse('Too many exports are running; try again later.');
    const slot = Symbol(user);
    slots.set(slot, user);
    return () => void slots.delete(slot);
  };

  return {
    /** Sends the file in a slot; throws `Refused` if there is none. */
    async send(user: UserId, reply: FastifyReply, begin: () => Promise<AsyncIterable<string>>) {
      const free = take(user);
      const { raw: response } = reply;
      try {
        const stream = Readable.from(await begin(), { objectMode: false });
        // A client that has disconnected meanwhile holds no slot: its response will not emit `close` again.
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

/** The file in batches. It breaks off if the user loses access. */
async function* batchesOf(
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

/** The audit trail of a circle, for its owner. */
export const auditRoutes = (app: FastifyInstance, deps: AuditRoutesDeps): void => {
  const { actors, models, log, pasts, connectionLog } = deps;
  const gate = createOwnerGate(actors);
  const guarded = guardedBy(gate);
  const connections = createConnections(connectionLog);
  const audit = createAudit({ log, models, trail: models.trail, pasts, connections });
  const files = createExports(app);

  const exported = async (reply: FastifyReply, asked: Asked, format: ExportFormat) => {
    await gate(asked.caller, asked.circle);
    const batches = batchesOf({ audit, gate, models }, asked, format);
    const name = `audit-${asked.circle}.${format}`;
    return files.send(asked.caller.user, reply, async () => {
      // The first batch is read before anything is sent, so that an invalid filter is still reported.
      const first = await refusing(batches.next());
      void reply.type(mediaTypes[format]);
      void reply.header('content-disposition', `attachment; filename="${name}"`);
      return resumed(first, batches);
    });
  };

  readRoutes(app, deps)('/v1/circles/:circle/audit', about, async (request) => {
    const { caller, params, query, reply } = request;
    const circle = known(params.circle);
    const {
      order = 'desc',
      cursor,
      limit = limits.pageDefault,
      format,
      ...filters
    } = auditQuery(query);
    const filter = await refusing(Promise.resolve().then(() => filterFrom(filters)));
    if (format !== undefined) return exported(reply, { caller, circle, filter }, format);
    return guarded(caller, circle, async () => {
      const range = { order, limit, bytesMax: limits.pageBytesMax, ...defined({ cursor }) };
      const { entries, ...next } = await refusing(audit.page(circle, filter, range));
      return { entries, users: await peopleIn(models, circle, entries), ...next };
    });
  });
};

async function* resumed(
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (!first.done) yield first.value;
  yield* rest;
}
