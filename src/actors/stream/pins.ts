import type { Access } from '../../access/access.ts';
import { event } from '../../events/kinds/kinds.ts';
import { nothing, record, refuse } from '../decision.ts';
import { limits } from '../limits.ts';
import type { StreamCommandOf, StreamDecision } from './commands.ts';
import { recallMessage } from './recall.ts';
import type { StreamState } from './state.ts';

/** Pins and unpins a message. */
export const decidePin = (
  stream: StreamState,
  { pins }: Access,
  { op, id, past }: StreamCommandOf<'pin' | 'unpin'>,
): StreamDecision => {
  if (!pins) return refuse('forbidden');
  const message = recallMessage(stream, id, past);
  if (!message || message.deleted) return refuse('not-found');
  if (stream.pins.has(id) === (op === 'pin')) return nothing();
  if (op === 'unpin') return record(event('message-unpinned', { id }));
  if (stream.pins.size >= limits.pinsMax) return refuse('too-many');
  return record(event('message-pinned', { id }));
};
