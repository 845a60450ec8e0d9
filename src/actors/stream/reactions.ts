import { event } from '../../events/kinds.ts';
import { nothing, record, refuse } from '../decision.ts';
import { limits } from '../limits.ts';
import type { StreamCommandOf, StreamDecision } from './commands.ts';
import { countOf } from './message-facts.ts';
import { recallMessage, recallReaction } from './recall.ts';
import type { StreamState } from './state.ts';

/** What members do with their own reactions; the right to do so has been checked. */
export const decideReaction = (
  stream: StreamState,
  command: StreamCommandOf<'react' | 'unreact'>,
): StreamDecision => {
  const { op, id, emoji, past } = command;
  const message = recallMessage(stream, id, past);
  if (!message || message.deleted) return refuse('not-found');
  const count = countOf(message, emoji);
  const stands = count > 0 && recallReaction(stream, command, past);
  if (stands === (op === 'react')) return nothing();
  if (stands) {
    return record(event('reaction-removed', { id, emoji, ...(count === 1 && { last: true }) }));
  }
  const kinds = Object.keys(message.reactions ?? {}).length;
  if (count === 0 && kinds >= limits.reactionKindsMax) return refuse('too-many');
  return record(event('reaction-added', { id, emoji }));
};
