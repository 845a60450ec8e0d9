import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { createGate, guardedBy } from '../../app/gate.ts';
import { Refused } from '../../app/refusals.ts';
import { fitting, fittingPeople, seenBy } from '../../app/views/messages.ts';
import * as objects from '../../app/views/objects.ts';
import type { MessageRow } from '../../projections/models/messages.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { CircleRoutesDeps } from './circles.ts';
import { known, pageFrom, pathIn } from './paging.ts';
import { describesInCircle, readRoutes } from './reads.ts';

const about = {
  pins: describesInCircle({
    id: 'list-pins',
    summary: 'The pinned messages of a stream, the newest pin first.',
    tag: 'messages',
    query: pageFrom.schema,
    answers: {
      200: objects.listing('messages', objects.Message, { users: Type.Array(objects.Person) }),
    },
  }),
  message: describesInCircle({
    id: 'get-message',
    summary: 'A message, and the users in it.',
    tag: 'messages',
    answers: {
      200: field.closed({ message: objects.Message, users: Type.Array(objects.Person) }),
    },
  }),
  edits: describesInCircle({
    id: 'list-edits',
    summary: 'The earlier texts of a message, oldest first.',
    tag: 'messages',
    query: pageFrom.schema,
    answers: { 200: objects.listing('edits', objects.Edit) },
  }),
};

/** Parses the page of a list whose cursors are numbers of events. */
const numberedPage = (query: unknown): { from: number | undefined; limit: number } => {
  const { limit, page } = pageFrom(query);
  if (page.after === undefined) return { from: undefined, limit };
  if (/^\d{1,15}$/.test(page.after)) return { from: Number(page.after), limit };
  throw new Refused('bad-request', { field: 'cursor', message: 'cursor must be a `next`' });
};

/** As many of the requested rows as fit into an answer, and the cursor of the next page. */
const cutToFit = <Row extends { readonly n: number }>(rows: readonly Row[], limit: number) => {
  const page = fitting(rows.slice(0, limit), 'first');
  const last = page.at(-1);
  return { page, next: last && page.length < rows.length ? { next: String(last.n) } : {} };
};

/** The earlier texts of a message, oldest first. */
const textsBefore = async (
  models: ReadModels,
  { s, id, n, at, text = '' }: MessageRow,
  { from = 0, limit }: { from: number | undefined; limit: number },
) => {
  const edits = await models.edits.ofMessage(s, id, { after: from, limit: limit + 2 });
  const texts = from < n ? [{ n, at, text }, ...edits] : edits;
  return texts.slice(0, -1);
};

/** The pinned messages of a stream as seen by a user, the newest pin first, each with the number of its pin. */
const pinnedIn = async (
  models: ReadModels,
  { s, user }: { s: string; user: string },
  { from, limit }: { from: number | undefined; limit: number },
) => {
  const pins = await models.pins.ofStream(s, { before: from, limit: limit + 1 });
  const ids = pins.map(({ id }) => id);
  const views = await seenBy(models, await models.messages.getMany(s, ids), user);
  const byId = new Map(views.map((view) => [view.id, view]));
  return pins.flatMap(({ id, n }) => {
    const message = byId.get(id);
    return message?.pinned ? [{ n, message }] : [];
  });
};

/** Reads of messages besides the history: a single one, pins, and earlier texts. */
export const messageRoutes = (app: FastifyInstance, deps: CircleRoutesDeps): void => {
  const { actors, authentication, models } = deps;
  const guarded = guardedBy(createGate(actors));
  const read = readRoutes(app, deps);
  const stream = '/v1/circles/:circle/streams/:stream';
  const path = `${stream}/messages/:message`;

  read(`${stream}/pins`, about.pins, async ({ caller, params, query, request }) => {
    const asked = numberedPage(query);
    const s = pathIn(params);
    const source = { models, turn: authentication.turnOf(request) };
    return guarded(caller, s, async () => {
      const pinned = await pinnedIn(models, { s, user: caller.user }, asked);
      const { page, next } = cutToFit(pinned, asked.limit);
      const messages = page.map(({ message }) => message);
      return { messages, users: await fittingPeople(source, s, messages), ...next };
    });
  });

  read(path, about.message, async ({ caller, params, request }) => {
    const s = pathIn(params);
    const source = { models, turn: authentication.turnOf(request) };
    return guarded(caller, s, async () => {
      const row = await models.messages.get(s, known(params.message));
      const [message] = await seenBy(models, row ? [row] : [], caller.user);
      if (!message) throw new Refused('not-found');
      return { message, users: await fittingPeople(source, s, [message]) };
    });
  });

  read(`${path}/edits`, about.edits, async ({ caller, params, query }) => {
    const asked = numberedPage(query);
    const s = pathIn(params);
    return guarded(caller, s, async () => {
      const row = await models.messages.get(s, known(params.message));
      if (!row || row.deleted) throw new Refused('not-found');
      const { page, next } = cutToFit(await textsBefore(models, row, asked), asked.limit);
      return { edits: page.map(({ at, text }) => ({ at, text })), ...next };
    });
  });
};
