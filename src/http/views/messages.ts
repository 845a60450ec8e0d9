import { setImmediate as turn } from 'node:timers/promises';
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
import { limits } from '../limits.ts';
import { asMembers, type PersonView } from './members.ts';
import { sizeOf } from './size.ts';

/** Messages in a row, and whether there are others on either side. */
export type MessagePage = {
  readonly messages: readonly MessageView[];
  readonly users: readonly PersonView[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};

/** So many people are looked up at once: a page may mention thousands. Others have their turn in between. */
const peopleAtOnce = 200;

/**
 * The people who stand in messages of a stream, those who wrote first, with what they are called in its circle; no
 * more than a frame may hold, and a few.
 */
export const peopleOf = async (
  models: ReadModels,
  s: string,
  messages: readonly MessageView[],
): Promise<PersonView[]> => {
  const authors = new Set(messages.map(({ by }) => by));
  const others = [...peopleIn(messages)].filter((id) => !authors.has(id));
  const people: PersonView[] = [];
  let bytes = 0;
  for (const ids of [...portionsOf([...authors]), ...portionsOf(others)]) {
    if (bytes > limits.peopleBytesMax) break;
    if (people.length > 0) await turn();
    const found = await asMembers(models, s.slice(0, 36), await models.users.getMany(ids));
    bytes += sizeOf(found);
    people.push(...found);
  }
  return people;
};

const portionsOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / peopleAtOnce) }, (_, at) =>
    ids.slice(at * peopleAtOnce, (at + 1) * peopleAtOnce),
  );

/** As many of the people as a frame may hold beside messages. */
const fittingIn = (people: readonly PersonView[]): PersonView[] => {
  let bytes = 0;
  return people.filter((user) => {
    bytes += sizeOf(user);
    return bytes <= limits.peopleBytesMax;
  });
};

/** As many of the people who stand in messages as a frame may hold beside them. */
export const fittingPeople = async (
  models: ReadModels,
  s: string,
  messages: readonly MessageView[],
): Promise<PersonView[]> => fittingIn(await peopleOf(models, s, messages));

/** As many of the messages as a frame may hold: those that are farthest from where the page began go first. */
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

/** What somebody has reacted with to messages; those without reactions, which most are, cost nothing. */
export const ownReactions = (
  models: ReadModels,
  rows: readonly MessageRow[],
  user: string,
): Promise<ReactionRow[]> => {
  const reacted = rows.filter((row) => reactionsOf(row).length > 0);
  return models.reactions.getMany(reacted.map(({ _id: message }) => ({ message, user })));
};

/** Messages as somebody sees them whose reactions are among these. */
export const viewsFor = (
  user: string,
  rows: readonly MessageRow[],
  reactions: readonly ReactionRow[],
): MessageView[] => {
  const own = reactions.filter((row) => row.user === user);
  const mine = new Map(own.map(({ message, emojis }) => [message, emojis]));
  return rows.map((row) => messageView(row, mine.get(row._id)));
};

/** Messages as somebody sees them. */
export const seenBy = async (
  models: ReadModels,
  rows: readonly MessageRow[],
  user: string,
): Promise<MessageView[]> => viewsFor(user, rows, await ownReactions(models, rows, user));

/** A page of messages as a frame may hold it; `last`: the number of the stream's newest, `people`: all in the page. */
export const pageFrom = (
  views: readonly MessageView[],
  { range, last, people }: { range: Range; last: number; people: readonly PersonView[] },
): MessagePage => {
  const messages = fitting(views, range.after === undefined ? 'last' : 'first');
  const standing = new Set([...messages.map(({ by }) => by), ...peopleIn(messages)]);
  const first = messages[0]?.m ?? range.before ?? Math.min(range.after ?? last, last) + 1;
  const end = messages.at(-1)?.m ?? range.after ?? (range.before ?? last + 1) - 1;
  return {
    messages,
    users: fittingIn(people.filter(({ id }) => standing.has(id))),
    more: { before: first > 1, after: end < last },
  };
};

/** A page of a stream's history, as somebody sees it. */
export const pageOf = async (
  models: ReadModels,
  { s, user }: { s: string; user: string },
  range: Range,
): Promise<MessagePage> => {
  const last = (await models.streams.get(s))?.last ?? 0;
  const views = await seenBy(models, await models.messages.page(s, range), user);
  return pageFrom(views, { range, last, people: await peopleOf(models, s, views) });
};
