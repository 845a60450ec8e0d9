import * as Type from 'typebox';
import type { ReadStore } from '../../store/store.ts';
import { collectionOf, projection } from '../projection.ts';
import { messageIdOf } from './messages.ts';
import { updated, upserted } from './writes.ts';

/** One row per message and user who has reacted to it. `_id`: `<circle>/<stream>/<message>/<user>`. */
export const ReactionRow = Type.Object({
  _id: Type.String(),
  /** The message: `<circle>/<stream>/<message>`. */
  message: Type.String(),
  user: Type.String(),
  /** The user's current reactions, if the message was not deleted. */
  emojis: Type.Array(Type.String()),
});
export type ReactionRow = Type.Static<typeof ReactionRow>;

const idOf = (message: string, user: string): string => `${message}/${user}`;

/** The reactions of each user. Their counts are in `messages`. */
export const reactions = projection({
  name: 'reactions',
  version: 1,
  indexes: [],
  schema: ReactionRow,
  on: {
    'reaction-added': ({ d, by: user }, { s = '' }) => {
      const message = messageIdOf(s, d.id);
      const update = { $set: { message, user }, $addToSet: { emojis: d.emoji } };
      return upserted(idOf(message, user), update);
    },
    'reaction-removed': ({ d, by }, { s = '' }) =>
      updated(idOf(messageIdOf(s, d.id), by), { $pull: { emojis: d.emoji } }),
  },
});

export const reactionQueries = (store: ReadStore) => ({
  /** The reactions of users to messages; those without any are left out. */
  getMany: async (
    pairs: readonly Pick<ReactionRow, 'message' | 'user'>[],
  ): Promise<ReactionRow[]> => {
    const ids = [...new Set(pairs.map(({ message, user }) => idOf(message, user)))];
    if (ids.length === 0) return [];
    return (await store.getMany(collectionOf(reactions), ids)) as ReactionRow[];
  },
});
