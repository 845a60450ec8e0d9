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
};

export const noStream = (): StreamState => ({
  n: 0,
  m: 0,
  recent: new Recent(limits.recentMessagesMin),
  deleted: new Recent(limits.recentMessagesMin),
  forgottenSeq: 0,
});

export const evolve = (stream: StreamState, event: EventIn<'stream'>, place: EventPlace): void => {
  stream.n = place.n;
  switch (event.k) {
    case 'message-posted': {
      const { id, m } = event.d;
      stream.m = m;
      const { by, n, at } = place;
      if (stream.recent.set(id, { by, n, m, at })) stream.forgottenSeq = place.seq;
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
      break;
  }
};
