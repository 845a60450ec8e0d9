import * as Type from 'typebox';
import type { ReadStore } from '../../store/store.ts';
import { collectionOf, projection } from '../projection.ts';

/** One row per message and user that it mentions. `_id`: `<circle>/<stream>/<message>/<user>`. */
export const MentionRow = Type.Object({
  _id: Type.String(),
  user: Type.String(),
  /** The path of the stream, `<circle>/<stream>`. */
  s: Type.String(),
  m: Type.Integer(),
});
export type MentionRow = Type.Static<typeof MentionRow>;

type Place = { readonly s: string; readonly id: string };

const idOf = ({ s, id }: Place, user: string): string => `${s}/${id}/${user}`;

const add = (place: Place, m: number, users: readonly string[]) =>
  users.map((user) => ({
    insertOne: { document: { _id: idOf(place, user), user, s: place.s, m } satisfies MentionRow },
  }));

const remove = (place: Place, users: readonly string[] = []) =>
  users.map((user) => ({ deleteOne: { filter: { _id: idOf(place, user) } } }));

/** The mentions in the current texts of messages. */
export const mentions = projection({
  name: 'mentions',
  version: 1,
  indexes: [{ user: 1, s: 1, m: 1 }],
  schema: MentionRow,
  on: {
    'message-posted': ({ d }, { s = '' }) => add({ s, id: d.id }, d.m, d.mentions),
    'message-edited': ({ d }, { s = '' }) => [
      ...(d.m === undefined ? [] : add({ s, id: d.id }, d.m, d.mentions)),
      ...remove({ s, id: d.id }, d.unmentioned),
    ],
    'message-deleted': ({ d }, { s = '' }) => remove({ s, id: d.id }, d.unmentioned),
  },
});

export const mentionQueries = (store: ReadStore) => ({
  /** The number of messages of a stream above `m` that mention a user, counted up to `max`. */
  countAbove: (user: string, { s, m }: { s: string; m: number }, max: number): Promise<number> =>
    store.count(collectionOf(mentions), { user, s, m: { $gt: m } }, max),
});
