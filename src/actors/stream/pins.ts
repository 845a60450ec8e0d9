import { event } from '../../events/kinds/kinds.ts';
import { isManager } from '../circle/rights.ts';
import type { CircleState } from '../circle/state.ts';
import { nothing, record, refuse } from '../decision.ts';
import { limits } from '../limits.ts';
import type { StreamCommandOf, StreamDecision } from './commands.ts';
import { recallMessage } from './recall.ts';
import type { StreamState } from './state.ts';

/** What those who manage a circle do with its pins; in a conversation of two both do. */
export const decidePin = (
  stream: StreamState,
  circle: CircleState,
  { op, id, by, past }: StreamCommandOf<'pin' | 'unpin'>,
): StreamDecision => {
  if (circle.kind !== 'direct' && !isManager(circle, by)) return refuse('forbidden');
  const message = recallMessage(stream, id, past);
  if (!message || message.deleted) return refuse('not-found');
  if (stream.pins.has(id) === (op === 'pin')) return nothing();
  if (op === 'unpin') return record(event('message-unpinned', { id }));
  if (stream.pins.size >= limits.pinsMax) return refuse('too-many');
  return record(event('message-pinned', { id }));
};
