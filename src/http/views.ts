import type { CircleRow } from '../projections/models/circles.ts';
import {
  type MessageView,
  messageView,
  peopleIn,
  type Range,
} from '../projections/models/messages.ts';
import { type StreamView, streamView } from '../projections/models/streams.ts';
import type { UserView } from '../projections/models/users.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { limits } from './limits.ts';

/** A circle as who asks may see it: an outsider sees neither its streams nor how far it has come. */
export type CircleView = {
  readonly id: string;
  readonly kind: 'circle' | 'direct';
  readonly name: string;
  readonly about?: string;
  readonly visibility: 'public' | 'private';
  readonly owner?: string;
  readonly members: number;
  readonly streams?: readonly StreamView[];
  readonly n?: number;
};

/** A circle as it stands in a person's list. */
export type CircleEntry = Pick<CircleView, 'id' | 'kind' | 'name' | 'visibility'>;

/** Messages in a row, and whether there are others on either side. */
export type MessagePage = {
  readonly messages: readonly MessageView[];
  readonly users: readonly UserView[];
  readonly more: { readonly before: boolean; readonly after: boolean };
};

export const outsideView = (row: CircleRow): CircleView => ({
  id: row._id,
  kind: row.kind,
  name: row.name,
  ...(row.about !== undefined && { about: row.about }),
  visibility: row.visibility,
  ...(row.owner !== undefined && { owner: row.owner }),
  members: row.members,
});

export const insideView = (row: CircleRow, streams: readonly StreamView[]): CircleView => ({
  ...outsideView(row),
  streams,
  n: row.n,
});

/** A circle as a user may see it; undefined if there is none, or the user may not know of it. */
export const circleFor = async (
  models: ReadModels,
  id: string,
  user: string,
): Promise<CircleView | undefined> => {
  const row = await models.circles.get(id);
  if (!row) return undefined;
  const membership = await models.memberships.get(id, user);
  if (membership?.active) {
    return insideView(row, (await models.streams.ofCircle(id)).map(streamView));
  }
  return row.visibility === 'public' ? outsideView(row) : undefined;
};

export const circleEntry = ({ _id, kind, name, visibility }: CircleRow): CircleEntry => ({
  id: _id,
  kind,
  name,
  visibility,
});

/** All circles that a user is in, in the order of their ids. */
export const circlesOf = async (models: ReadModels, user: string): Promise<CircleEntry[]> => {
  const entries: CircleEntry[] = [];
  let after: string | undefined;
  do {
    const page = { ...(after !== undefined && { after }), limit: limits.pageMax };
    const rows = await models.memberships.ofUser(user, page);
    const circles = await models.circles.getMany(rows.map(({ circle }) => circle));
    for (const { circle } of rows) {
      const row = circles.get(circle);
      if (row) entries.push(circleEntry(row));
    }
    after = rows.length === limits.pageMax ? rows.at(-1)?.circle : undefined;
  } while (after !== undefined);
  return entries;
};

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;

/** A circle as a frame may hold it: without topics, which can be asked for apart, if they are too much. */
export const fittingCircle = (view: CircleView): CircleView => {
  if (!view.streams || sizeOf(view) <= limits.pageBytesMax) return view;
  return { ...view, streams: view.streams.map(({ topic: _, ...stream }) => stream) };
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
