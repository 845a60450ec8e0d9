import { event } from '../../events/kinds/kinds.ts';
import { reactionForm } from '../../text/emoji.ts';
import { nothing, record, refuse } from '../decision.ts';
import { limits } from '../limits.ts';
import type { StreamCommandOf, StreamDecision } from './commands.ts';
import { countOf, storedFor } from './message-facts.ts';
import { recallMessage, recallReaction } from './recall.ts';
import type { StreamState } from './state.ts';

/** Commands of members on their own reactions; the right to give them has been checked. */
export const decideReaction = (
  stream: StreamState,
  { op, id, by, emoji, past }: StreamCommandOf<'react' | 'unreact'>,
): StreamDecision => {
  const message = recallMessage(stream, id, past);
  if (!message || message.deleted) return refuse('not-found');
  const stored = storedFor(message, emoji);
  const own = stored.filter((each) => recallReaction(stream, { id, by, emoji: each }, past));
  if (own.length > 0 === (op === 'react')) return nothing();
  if (op === 'unreact') {
    const removed = own.map((each) => {
      const isLast = countOf(message, each) === 1;
      return event('reaction-removed', { id, emoji: each, ...(isLast && { last: true }) });
    });
    return record(...removed);
  }
  const kinds = new Set(Object.keys(message.reactions ?? {}).map(reactionForm));
  if (stored.length === 0 && kinds.size >= limits.reactionKindsMax) return refuse('too-many');
  return record(event('reaction-added', { id, emoji }));
};
