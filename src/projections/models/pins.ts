import * as Type from 'typebox';
import type { ReadStore } from '../../store/store.ts';
import { collectionOf, projection } from '../projection.ts';
import { messageIdOf } from './messages.ts';
import { updated, upserted } from './writes.ts';

/** One row per message that is or was pinned. `_id`: `<circle>/<stream>/<message>`. */
export const PinRow = Type.Object({
  _id: Type.String(),
  /** The path of its stream, `<circle>/<stream>`. */
  s: Type.String(),
  id: Type.String(),
  /** The number of the event that pinned it; absent: it is not pinned now. */
  n: Type.Optional(Type.Integer()),
});
export type PinRow = Type.Static<typeof PinRow>;

const unpinned = ({ d }: { d: { id: string } }, { s = '' }: { s?: string }) =>
  updated(messageIdOf(s, d.id), { $unset: { n: '' } });

/** Pinned messages and their order. A message is unpinned when it is deleted. */
export const pins = projection({
  name: 'pins',
  version: 1,
  indexes: [{ s: 1, n: 1 }],
  schema: PinRow,
  on: {
    'message-pinned': ({ d, n }, { s = '' }) =>
      upserted(messageIdOf(s, d.id), { $set: { s, id: d.id, n } }),
    'message-unpinned': unpinned,
    'message-deleted': unpinned,
  },
});

export const pinQueries = (store: ReadStore) => ({
  /** The ids of pinned messages, the newest pin first, starting before the pin of number `before`. */
  ofStream: async (
    s: string,
    { before, limit }: { before: number | undefined; limit: number },
  ): Promise<{ readonly id: string; readonly n: number }[]> => {
    const n = before === undefined ? { $gt: 0 } : { $gt: 0, $lt: before };
    const rows = await store.find(collectionOf(pins), { s, n }, { sort: { n: -1 }, limit });
    return (rows as PinRow[]).map(({ id, n: pinned = 0 }) => ({ id, n: pinned }));
  },
});
