import * as Type from 'typebox';
import { defined } from '../../runtime/defined.ts';
import type { Update } from '../../store/documents.ts';
import type { StoreToRead } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { reactionForm } from '../../text/emoji.ts';
import { collectionOf } from '../projection.ts';
import { dated } from './dated.ts';
import { updated } from './writes.ts';

/** One row per message. `_id`: `<circle>/<stream>/<message>`. */
export const MessageRow = Type.Object({
  _id: Type.String(),
  /** The path of its stream, `<circle>/<stream>`. */
  s: Type.String(),
  id: Type.String(),
  m: Type.Integer(),
  /** The number of the event that posted it, and the position of that event's commit in the log. */
  n: Type.Integer(),
  seq: Type.Integer(),
  at: Time,
  by: Type.String(),
  /** The original text; absent once it was deleted. */
  text: Type.Optional(Type.String()),
  /** The current text, and since when; absent if it was not edited. */
  edited: Type.Optional(Type.Object({ text: Type.String(), at: Time })),
  replyTo: Type.Optional(Type.String()),
  mentions: Type.Optional(Type.Array(Type.String())),
  /** The number of reactions by emoji, by `emojiKey`. */
  reactions: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  pinned: Type.Optional(Type.Boolean()),
  deleted: Type.Optional(Type.Boolean()),
});
export type MessageRow = Type.Static<typeof MessageRow>;

export const messageIdOf = (s: string, id: string): string => `${s}/${id}`;

/** An emoji as a field name; characters with a meaning in field names are escaped. */
export const emojiKey = (emoji: string): string =>
  emoji.replace(/[.$%]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const emojiOf = (key: string): string =>
  key.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

export const reactionsOf = ({ reactions = {} }: MessageRow): [string, number][] =>
  Object.entries(reactions).map(([key, count]) => [emojiOf(key), count]);

const change = (s: string, id: string, update: Update) => updated(messageIdOf(s, id), update);

/** All messages. A deleted one stays as a tombstone. */
export const messages = dated({
  name: 'messages',
  version: 3,
  indexes: [{ s: 1, m: 1 }],
  schema: MessageRow,
  on: {
    'message-posted': ({ d, by, at, n, seq }, { s = '' }) => {
      const { id, m, text, replyTo, mentions } = d;
      const document: MessageRow = {
        _id: messageIdOf(s, id),
        s,
        id,
        m,
        n,
        seq,
        at,
        by,
        text,
        ...defined({ replyTo }),
        mentions,
      };
      return [{ insertOne: { document } }];
    },
    'message-edited': ({ d, at }, { s = '' }) => {
      const { id, text, mentions } = d;
      return change(s, id, { $set: { mentions, edited: { text, at } } });
    },
    'message-deleted': ({ d }, { s = '' }) =>
      change(s, d.id, {
        $set: { deleted: true },
        $unset: { text: '', edited: '', mentions: '', reactions: '', pinned: '' },
      }),
    'reaction-added': ({ d }, { s = '' }) =>
      change(s, d.id, { $inc: { [`reactions.${emojiKey(d.emoji)}`]: 1 } }),
    'reaction-removed': ({ d }, { s = '' }) => {
      const field = `reactions.${emojiKey(d.emoji)}`;
      return change(s, d.id, d.last ? { $unset: { [field]: '' } } : { $inc: { [field]: -1 } });
    },
    'message-pinned': ({ d }, { s = '' }) => change(s, d.id, { $set: { pinned: true } }),
    'message-unpinned': ({ d }, { s = '' }) => change(s, d.id, { $unset: { pinned: '' } }),
  },
});

/** Reactions as a user sees them: the count of each emoji, and whether one is the user's own. */
export type ReactionsView = {
  readonly [emoji: string]: { readonly count: number; readonly me: boolean };
};

/**
 * Reactions, by the emoji as it was stored, as seen by a user who has reacted with `mine`. What earlier versions
 * stored with and without U+FE0F is one emoji. A user who reacted with both counts once in their own view, and twice
 * in that of others, for whom the models know how many reacted and not who: events counted by a client give the same.
 */
export const reactionsView = (
  stored: Iterable<readonly [string, number]>,
  mine: readonly string[],
): ReactionsView => {
  const views = new Map<string, ReactionsView[string]>();
  for (const [each, number] of stored) {
    if (number <= 0) continue;
    const emoji = reactionForm(each);
    const { count, me } = views.get(emoji) ?? { count: 0, me: false };
    const isMine = mine.includes(each);
    views.set(emoji, { count: count + number - (me && isMine ? 1 : 0), me: me || isMine });
  }
  return Object.fromEntries(views);
};

/** A message as members see it; a tombstone has no text, mentions or reactions. */
export type MessageView = {
  readonly id: string;
  readonly s: string;
  readonly m: number;
  readonly n: number;
  readonly at: number;
  readonly by: string;
  readonly text?: string;
  readonly replyTo?: string;
  readonly mentions?: readonly string[];
  readonly reactions?: ReactionsView;
  readonly editedAt?: number;
  readonly deleted?: true;
  readonly pinned?: true;
};

/** A message as seen by a user who has reacted to it with `mine`. */
export const messageView = (row: MessageRow, mine: readonly string[] = []): MessageView => {
  const { id, s, m, n, at, by, text = '', replyTo, mentions = [], edited, pinned, deleted } = row;
  const head = { id, s, m, n, at, by };
  const reply = replyTo === undefined ? {} : { replyTo };
  if (deleted) return { ...head, ...reply, deleted };
  return {
    ...head,
    text: edited?.text ?? text,
    ...reply,
    mentions,
    reactions: reactionsView(reactionsOf(row), mine),
    ...(edited && { editedAt: edited.at }),
    ...(pinned && { pinned }),
  };
};

/** The users whose names a page needs: authors, and those who are mentioned. */
export const peopleIn = (views: readonly MessageView[]): Set<string> =>
  new Set(views.flatMap(({ by, mentions = [] }) => [by, ...mentions]));

/** A selection of messages of a stream: at most one bound, and the page size. */
export type Range = {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit: number;
};

export const messageQueries = (store: StoreToRead) => {
  const collection = collectionOf(messages);
  const find = async (s: string, bound: object, { m, limit }: { m: 1 | -1; limit: number }) => {
    if (limit <= 0) return [];
    const filter = Object.keys(bound).length > 0 ? { s, m: bound } : { s };
    const rows = (await store.find(collection, filter, { sort: { m }, limit })) as MessageRow[];
    return m === 1 ? rows : rows.reverse();
  };
  const below = (s: string, m: number, limit: number) => find(s, { $lt: m }, { m: -1, limit });
  const above = (s: string, m: number, limit: number) => find(s, { $gt: m }, { m: 1, limit });

  return {
    get: async (s: string, id: string): Promise<MessageRow | undefined> =>
      (await store.get(collection, messageIdOf(s, id))) as MessageRow | undefined,
    getMany: async (s: string, ids: readonly string[]): Promise<MessageRow[]> => {
      const keys = ids.map((id) => messageIdOf(s, id));
      return (await store.getMany(collection, keys)) as MessageRow[];
    },
    /** Messages of any streams, those that exist, in no particular order. */
    getAll: async (messages: readonly { s: string; id: string }[]): Promise<MessageRow[]> => {
      const keys = messages.map(({ s, id }) => messageIdOf(s, id));
      return (await store.getMany(collection, keys)) as MessageRow[];
    },
    /** A page of a stream, ascending. */
    page: (s: string, { before, after, limit }: Omit<Range, 'around'>): Promise<MessageRow[]> => {
      if (before !== undefined) return below(s, before, limit);
      if (after !== undefined) return above(s, after, limit);
      return find(s, {}, { m: -1, limit });
    },
    /**
     * A position in the log at or before the commit that holds event `n + 1` of the stream, or 0 if none is known. A
     * message's event number grows at least as fast as its message number, so the message that is as many numbers
     * before the newest one as its event is too new is old enough.
     */
    placeBefore: async (s: string, n: number): Promise<number> => {
      const upTo = async (m: number) => (await find(s, { $lte: m }, { m: -1, limit: 1 }))[0];
      const newest = await upTo(n);
      if (!newest || newest.n <= n) return newest?.seq ?? 0;
      return (await upTo(newest.m - (newest.n - n)))?.seq ?? 0;
    },
  };
};
