import type { EventIn } from '../../events/kinds.ts';
import { limits } from '../limits.ts';
import { Recent } from '../recent.ts';
import type { EventPlace } from '../rules.ts';

/** What the rules know of a message. */
export type MessageFacts = {
  readonly by: string;
  readonly n: number;
  readonly m: number;
  readonly at: number;
  readonly deleted?: true;
};

/** A stream as its rules see it: counters and the newest messages, however long its history. */
export type StreamState = {
  /** The number of its last event. */
  n: number;
  /** The number of its last message. */
  m: number;
  readonly recent: Recent<MessageFacts>;
  /** Older messages that were deleted lately: the read model may not know it yet. */
  readonly deleted: Recent<true>;
  /** A place in the log at or before which every message stands that `recent` has forgotten; 0: none. */
  forgottenSeq: number;
  /** Where the log was when the older generation of `recent` was full, and a place at or after its last message. */
  turn: { readonly at: number; readonly upTo: number };
};

export const noStream = (): StreamState => ({
  n: 0,
  m: 0,
  recent: new Recent(limits.recentMessagesMin),
  deleted: new Recent(limits.recentMessagesMin),
  forgottenSeq: 0,
  turn: { at: 0, upTo: 0 },
});

/**
 * Keeps a message, and where the generation that it makes `recent` forget ends. That is known one commit after the
 * generation was full, long before it is forgotten: so the read model has come past it by then, and looking an id
 * up waits for nothing.
 */
const remember = (
  stream: StreamState,
  { id, ...facts }: MessageFacts & { readonly id: string },
  seq: number,
): void => {
  const { at, upTo } = stream.turn;
  if (upTo === 0 && seq > at) stream.turn = { at, upTo: seq };
  const change = stream.recent.set(id, facts);
  if (change === 'added') return;
  if (change === 'forgot') stream.forgottenSeq = stream.turn.upTo || seq;
  stream.turn = { at: seq, upTo: 0 };
};

export const evolve = (stream: StreamState, event: EventIn<'stream'>, place: EventPlace): void => {
  stream.n = place.n;
  switch (event.k) {
    case 'message-posted': {
      const { id, m } = event.d;
      stream.m = m;
      const { by, n, at } = place;
      remember(stream, { id, by, n, m, at }, place.seq);
      break;
    }
    case 'message-deleted': {
      const facts = stream.recent.get(event.d.id);
      if (facts) stream.recent.replace(event.d.id, { ...facts, deleted: true });
      else stream.deleted.set(event.d.id, true);
      break;
    }
    case 'stream-opened':
    case 'message-edited':
    case 'reaction-added':
    case 'reaction-removed':
    case 'message-pinned':
    case 'message-unpinned':
      break;
  }
};
