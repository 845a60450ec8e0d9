import {
  type MessageView,
  messageView,
  peopleIn,
  type Range,
} from '../../projections/models/messages.ts';
import type { UserView } from '../../projections/models/users.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { limits } from '../limits.ts';
import { sizeOf } from './size.ts';

/** Messages in a row, and whether there are others on either side. */
export type MessagePage = {
  readonly messages: readonly MessageView[];
  readonly users: readonly UserView[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};

/** As many of the people as a frame may hold beside a page of messages, those who wrote first. */
export const fittingPeople = async (
  models: ReadModels,
  messages: readonly MessageView[],
): Promise<UserView[]> => {
  const authors = await models.users.getMany(messages.map(({ by }) => by));
  const known = new Set(authors.map(({ id }) => id));
  const others = [...peopleIn(messages)].filter((id) => !known.has(id));
  const people = [...authors, ...(await models.users.getMany(others))];
  let bytes = 0;
  return people.filter((user) => {
    bytes += sizeOf(user);
    return bytes <= limits.peopleBytesMax;
  });
};

/** As many of the messages as a frame may hold: those that are farthest from where the page began go first. */
export const fitting = (views: readonly MessageView[], keep: 'first' | 'last'): MessageView[] => {
  const kept: MessageView[] = [];
  let bytes = 0;
  for (const view of keep === 'first' ? views : views.toReversed()) {
    bytes += sizeOf(view);
    if (bytes > limits.pageBytesMax && kept.length > 0) break;
    kept.push(view);
  }
  return keep === 'first' ? kept : kept.reverse();
};

/** A page of a stream's history. */
export const pageOf = async (models: ReadModels, s: string, range: Range): Promise<MessagePage> => {
  const last = (await models.streams.get(s))?.last ?? 0;
  const rows = (await models.messages.page(s, range)).map(messageView);
  const messages = fitting(rows, range.after === undefined ? 'last' : 'first');
  const users = await fittingPeople(models, messages);
  const first = messages[0]?.m ?? range.before ?? Math.min(range.after ?? last, last) + 1;
  const end = messages.at(-1)?.m ?? range.after ?? (range.before ?? last + 1) - 1;
  return { messages, users, more: { before: first > 1, after: end < last } };
};
