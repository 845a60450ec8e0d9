import * as Type from 'typebox';
import type { ReadStore } from '../../store/store.ts';
import { collectionOf, projection } from '../projection.ts';
import { upserted } from './writes.ts';

/** One row per user and stream that they posted or were mentioned in. `_id`: `<user>/<circle>/<stream>`. */
export const InvolvementRow = Type.Object({
  _id: Type.String(),
  /** Their own last message, and the position of its commit in the log. */
  wrote: Type.Optional(Type.Integer()),
  wroteSeq: Type.Optional(Type.Integer()),
  /** No message above this one has ever mentioned them. */
  mentioned: Type.Optional(Type.Integer()),
});
export type InvolvementRow = Type.Static<typeof InvolvementRow>;

const raise = (user: string, s: string, fields: Omit<InvolvementRow, '_id'>) =>
  upserted(`${user}/${s}`, { $max: fields });

/** The last messages that users posted or were mentioned in, by stream. */
export const involvements = projection({
  name: 'involvements',
  version: 1,
  indexes: [],
  schema: InvolvementRow,
  on: {
    'message-posted': ({ d: { m, mentions }, by, seq }, { s = '' }) => [
      ...raise(by, s, { wrote: m, wroteSeq: seq }),
      ...mentions.flatMap((user) => raise(user, s, { mentioned: m })),
    ],
    'message-edited': ({ d: { m, mentions } }, { s = '' }) =>
      m === undefined ? [] : mentions.flatMap((user) => raise(user, s, { mentioned: m })),
  },
});

export const involvementQueries = (store: ReadStore) => ({
  /** The rows of a user in these streams, by the stream's path. */
  getMany: async (user: string, names: readonly string[]): Promise<Map<string, InvolvementRow>> => {
    const ids = names.map((s) => `${user}/${s}`);
    const rows = (await store.getMany(collectionOf(involvements), ids)) as InvolvementRow[];
    return new Map(rows.map((row) => [row._id.slice(user.length + 1), row]));
  },
});
