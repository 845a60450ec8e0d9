import * as Type from 'typebox';
import type { StoreToRead } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { collectionOf } from '../projection.ts';
import { dated } from './dated.ts';
import { messageIdOf } from './messages.ts';

/** One row per edit of a message. `_id`: `<circle>/<stream>/<message>/<n>`. */
export const EditRow = Type.Object({
  _id: Type.String(),
  /** The message: `<circle>/<stream>/<message>`. */
  message: Type.String(),
  /** The number of the event, and its time. */
  n: Type.Integer(),
  at: Time,
  text: Type.String(),
});
export type EditRow = Type.Static<typeof EditRow>;

/** The texts of edits. The original texts are in `messages`. */
export const edits = dated({
  name: 'edits',
  version: 2,
  indexes: [{ message: 1, n: 1 }],
  schema: EditRow,
  on: {
    'message-edited': ({ d, at, n }, { s = '' }) => {
      const message = messageIdOf(s, d.id);
      const document: EditRow = { _id: `${message}/${n}`, message, n, at, text: d.text };
      return [{ insertOne: { document } }];
    },
  },
});

export const editQueries = (store: StoreToRead) => ({
  /** Edits of a message after event `after`, the oldest first. */
  ofMessage: async (
    s: string,
    id: string,
    { after, limit }: { after: number; limit: number },
  ): Promise<EditRow[]> => {
    const filter = { message: messageIdOf(s, id), n: { $gt: after } };
    const options = { sort: { n: 1 }, limit } as const;
    return (await store.find(collectionOf(edits), filter, options)) as EditRow[];
  },
  /** The last edit of a message before event `n`. */
  before: async (s: string, id: string, n: number): Promise<EditRow | undefined> => {
    const filter = { message: messageIdOf(s, id), n: { $lt: n } };
    const found = await store.find(collectionOf(edits), filter, { sort: { n: -1 }, limit: 1 });
    return found[0] as EditRow | undefined;
  },
});
