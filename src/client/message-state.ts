import type { StreamEvent } from './frames.ts';
import type { Message, Reactions } from './objects.ts';

/**
 * The messages after an event that changes one of them, as seen by `user`; the same list if it changes none.
 * Idempotent except for others' reactions, of which a message only has the count.
 */
export const afterMessageEvent = (
  messages: readonly Message[],
  event: StreamEvent,
  user: string,
): readonly Message[] => {
  if (!('id' in event.d)) return messages;
  const { id } = event.d;
  const index = messages.findLastIndex((message) => message.id === id);
  const before = messages[index];
  if (!before || before.deleted) return messages;
  const after = messageAfter(before, event, user);
  return after === before ? messages : messages.with(index, after);
};

const messageAfter = (message: Message, event: StreamEvent, user: string): Message => {
  switch (event.k) {
    case 'message-edited': {
      const { text, mentions, gone } = event.d;
      return gone ? tombstone(message) : { ...message, text, mentions, editedAt: event.at };
    }
    case 'message-deleted':
      return tombstone(message);
    case 'reaction-added':
    case 'reaction-removed': {
      const change = event.k === 'reaction-added' ? 1 : -1;
      const reactions = counted(message.reactions ?? {}, event.d.emoji, {
        change,
        isOwn: event.by === user,
      });
      return { ...message, reactions };
    }
    case 'message-pinned':
      return { ...message, pinned: true };
    case 'message-unpinned': {
      const { pinned: _, ...rest } = message;
      return rest;
    }
    default:
      return message;
  }
};

/** A posted message; one that was deleted since is a tombstone. */
export const postedMessage = (
  s: string,
  { n, at, by, d }: Extract<StreamEvent, { k: 'message-posted' }>,
): Message => {
  const { id, m, replyTo } = d;
  const base = { id, s, m, n, at, by, ...(replyTo !== undefined && { replyTo }) };
  if (d.gone) return { ...base, deleted: true };
  return { ...base, text: d.text, mentions: d.mentions, reactions: {} };
};

/** What remains of a deleted message. */
const tombstone = ({ id, s, m, n, at, by, replyTo }: Message): Message => ({
  ...{ id, s, m, n, at, by },
  ...(replyTo !== undefined && { replyTo }),
  deleted: true,
});

const counted = (
  reactions: Reactions,
  emoji: string,
  { change, isOwn }: { readonly change: 1 | -1; readonly isOwn: boolean },
): Reactions => {
  const { [emoji]: before = { count: 0, me: false }, ...others } = reactions;
  const me = isOwn ? change > 0 : before.me;
  if (isOwn && me === before.me) return reactions;
  const count = before.count + change;
  // An existing reaction keeps its position.
  return count > 0 ? { ...reactions, [emoji]: { count, me } } : others;
};
