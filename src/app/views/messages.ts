import { parseStreamPath } from '../../events/stream-path.ts';
import {
  type MessageRow,
  type MessageView,
  messageView,
  peopleIn,
  type Range,
  reactionsOf,
} from '../../projections/models/messages.ts';
import type { ReactionRow } from '../../projections/models/reactions.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { limits } from '../limits/limits.ts';
import type { Source } from '../limits/reads.ts';
import { asMembers, type PersonView } from './members.ts';
import { sizeOf } from './size.ts';

/** Consecutive messages, and whether there are more before and after. */
export type MessagePage = {
  readonly messages: readonly MessageView[];
  readonly users: readonly PersonView[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};

/** Users that are looked up at once: a page may mention thousands. */
const peopleAtOnce = 200;

/** Reads consecutive messages in batches, until there are enough or no more. */
const rowsFrom = async (
  { models, turn }: Source,
  s: string,
  { limit, ...bound }: Pick<Range, 'before' | 'after' | 'limit'>,
): Promise<MessageRow[]> => {
  const isForward = bound.after !== undefined;
  let rows: MessageRow[] = [];
  for (let next = bound; rows.length < limit; ) {
    if (rows.length > 0) await turn();
    const size = Math.min(limits.readRowsAtOnce, limit - rows.length);
    const batch = await models.messages.page(s, { ...next, limit: size });
    rows = isForward ? [...rows, ...batch] : [...batch, ...rows];
    const [edge] = isForward ? batch.slice(-1) : batch;
    if (batch.length < size || !edge) break;
    next = isForward ? { after: edge.m } : { before: edge.m };
  }
  return rows;
};

/** The rows of a page, ascending. A page around a message has it in the middle if there are enough on both sides. */
export const rowsOf = async (source: Source, s: string, range: Range): Promise<MessageRow[]> => {
  const { around, ...straight } = range;
  if (around === undefined) return rowsFrom(source, s, straight);
  const { limit } = range;
  const older = await rowsFrom(source, s, { before: around + 1, limit });
  const newer = await rowsFrom(source, s, { after: around, limit });
  const after = newer.slice(0, Math.max(Math.floor((limit - 1) / 2), limit - older.length));
  return [...older.slice(-(limit - after.length)), ...after];
};

/**
 * The users in messages of a stream, authors first, with their names in its circle. Stops a little after the number
 * that fits into a frame.
 */
export const peopleOf = async (
  { models, turn }: Source,
  s: string,
  messages: readonly MessageView[],
): Promise<PersonView[]> => {
  const authors = new Set(messages.map(({ by }) => by));
  const others = [...peopleIn(messages)].filter((id) => !authors.has(id));
  const people: PersonView[] = [];
  let bytes = 0;
  for (const ids of [...batchesOf([...authors]), ...batchesOf(others)]) {
    if (bytes > limits.peopleBytesMax) break;
    await turn();
    const found = await asMembers(
      models,
      parseStreamPath(s).circle,
      await models.users.getMany(ids),
    );
    bytes += sizeOf(found);
    people.push(...found);
  }
  return people;
};

const batchesOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / peopleAtOnce) }, (_, at) =>
    ids.slice(at * peopleAtOnce, (at + 1) * peopleAtOnce),
  );

/** As many users as fit into a frame beside messages. */
const fittingIn = (people: readonly PersonView[]): PersonView[] => {
  let bytes = 0;
  return people.filter((user) => {
    bytes += sizeOf(user);
    return bytes <= limits.peopleBytesMax;
  });
};

/** The users in messages, as many as fit into a frame beside them. */
export const fittingPeople = async (
  source: Source,
  s: string,
  messages: readonly MessageView[],
): Promise<PersonView[]> => fittingIn(await peopleOf(source, s, messages));

/** As many messages as fit into a frame; those farthest from the start of the page are omitted. */
export const fitting = <View>(views: readonly View[], keep: 'first' | 'last'): View[] => {
  const kept: View[] = [];
  let bytes = 0;
  for (const view of keep === 'first' ? views : views.toReversed()) {
    bytes += sizeOf(view);
    if (bytes > limits.pageBytesMax && kept.length > 0) break;
    kept.push(view);
  }
  return keep === 'first' ? kept : kept.reverse();
};

/** A user's reactions to messages. Most messages have none, and cost nothing. */
export const ownReactions = (
  models: ReadModels,
  rows: readonly MessageRow[],
  user: string,
): Promise<ReactionRow[]> => {
  const reacted = rows.filter((row) => reactionsOf(row).length > 0);
  return models.reactions.getMany(reacted.map(({ _id: message }) => ({ message, user })));
};

/** Messages as seen by a user, whose reactions are among `reactions`. */
export const viewsFor = (
  user: string,
  rows: readonly MessageRow[],
  reactions: readonly ReactionRow[],
): MessageView[] => {
  const own = reactions.filter((row) => row.user === user);
  const mine = new Map(own.map(({ message, emojis }) => [message, emojis]));
  return rows.map((row) => messageView(row, mine.get(row._id)));
};

/** Messages as seen by a user. */
export const seenBy = async (
  models: ReadModels,
  rows: readonly MessageRow[],
  user: string,
): Promise<MessageView[]> => viewsFor(user, rows, await ownReactions(models, rows, user));

/**
 * A page cut to fit into a frame. `last`: the number of the stream's newest message; `people`: all users in the page.
 */
export const pageFrom = (
  views: readonly MessageView[],
  { range, last, people }: { range: Range; last: number; people: readonly PersonView[] },
): MessagePage => {
  const messages = fitting(views, range.after === undefined ? 'last' : 'first');
  const included = new Set([...messages.map(({ by }) => by), ...peopleIn(messages)]);
  const first = messages[0]?.m ?? range.before ?? Math.min(range.after ?? last, last) + 1;
  const end = messages.at(-1)?.m ?? range.after ?? (range.before ?? last + 1) - 1;
  return {
    messages,
    users: fittingIn(people.filter(({ id }) => included.has(id))),
    more: { before: first > 1, after: end < last },
  };
};

/** A page of a stream's history as seen by a user. */
export const pageOf = async (
  source: Source,
  { s, user }: { s: string; user: string },
  range: Range,
): Promise<MessagePage> => {
  const { models, turn } = source;
  const last = (await models.streams.get(s))?.last ?? 0;
  const rows = await rowsOf(source, s, range);
  await turn();
  const views = await seenBy(models, rows, user);
  const people = await peopleOf(source, s, views);
  await turn();
  const page = pageFrom(views, { range, last, people });
  await turn();
  return page;
};
