import type { EventIn } from '../../events/kinds/kinds.ts';
import type { EventMeta } from '../rules.ts';
import { ForgottenIds } from './forgotten-ids.ts';
import { Memory } from './memory.ts';
import { changed, factsOf, type MessageChange, type MessageFacts } from './message-facts.ts';

/** The state of a stream: counters, pins, and the newest entries, however long its history. */
export type StreamState = {
  /** The number of its last event. */
  n: number;
  /** The number of its last message. */
  m: number;
  readonly messages: Memory<MessageFacts>;
  /** The bounds of the ids that `messages` has dropped. */
  readonly ids: ForgottenIds;
  /** Whether a reaction exists, by `reactionKey`. One that never changed is absent. */
  readonly reactions: Memory<boolean>;
  readonly pins: Set<string>;
  /**
   * What the events after a position, the newest commit's, have changed: messages that were looked up as of that
   * position are updated by it.
   */
  latest: { readonly seq: number; readonly changes: Map<string, MessageChange[]> };
};

/** Entries that a stream's state keeps at least; as many as one commit may have of each. */
export type StreamSizes = {
  readonly recentMessagesMin: number;
  readonly recentReactionsMin: number;
};

export const noStream = ({ recentMessagesMin, recentReactionsMin }: StreamSizes): StreamState => ({
  n: 0,
  m: 0,
  messages: new Memory(recentMessagesMin),
  ids: new ForgottenIds(),
  reactions: new Memory(recentReactionsMin),
  pins: new Set(),
  latest: { seq: 0, changes: new Map() },
});

/** The key of a reaction: one user's, to one message, with one emoji. */
export const reactionKey = (message: string, user: string, emoji: string): string =>
  `${message}/${user}/${emoji}`;

const change = (stream: StreamState, event: MessageChange, seq: number): void => {
  const { id } = event.d;
  if (stream.latest.seq !== seq) stream.latest = { seq, changes: new Map() };
  const { changes } = stream.latest;
  const before = changes.get(id);
  if (before) before.push(event);
  else changes.set(id, [event]);
  const facts = stream.messages.get(id);
  if (facts) stream.messages.replace(id, changed(facts, event));
};

export const evolve = (stream: StreamState, event: EventIn<'stream'>, meta: EventMeta): void => {
  const { by, n, at, seq } = meta;
  stream.n = n;
  switch (event.k) {
    case 'message-posted': {
      const { id, m } = event.d;
      stream.m = m;
      stream.ids.use(id, at);
      if (stream.messages.set(id, factsOf(event.d, meta), seq).isTurn) stream.ids.turn();
      break;
    }
    case 'message-edited':
      change(stream, event, seq);
      break;
    case 'message-deleted':
      change(stream, event, seq);
      stream.pins.delete(event.d.id);
      break;
    case 'reaction-added':
    case 'reaction-removed': {
      const key = reactionKey(event.d.id, by, event.d.emoji);
      change(stream, event, seq);
      stream.reactions.set(key, event.k === 'reaction-added', seq);
      break;
    }
    case 'message-pinned':
      stream.pins.add(event.d.id);
      break;
    case 'message-unpinned':
      stream.pins.delete(event.d.id);
      break;
    case 'stream-opened':
      break;
  }
};
