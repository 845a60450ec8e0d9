import { type EventIn, event } from '../../events/kinds/kinds.ts';
import { nothing, record, refuse, repeat } from '../decision.ts';
import { limits } from '../limits.ts';
import type { CircleCommandOf, CircleDecision } from './commands.ts';
import type { CircleState, StreamEntry } from './state.ts';

type Command =
  | CircleCommandOf<'create-stream'>
  | CircleCommandOf<'update-stream'>
  | CircleCommandOf<'delete-stream'>;

/** Commands on the streams of a circle; the right to give them has been checked. */
export const decideStream = (circle: CircleState, command: Command): CircleDecision => {
  const entry = circle.streams.get(command.id);
  if (command.op === 'create-stream') return create(circle, command, entry);
  if (!entry) return refuse('not-found');
  if (command.op === 'delete-stream') {
    return entry.status === 'deleted'
      ? nothing()
      : record(event('stream-deleted', { id: command.id }));
  }
  return entry.status === 'deleted' ? refuse('not-found') : update(entry, command);
};

const create = (
  circle: CircleState,
  { id, name, topic }: CircleCommandOf<'create-stream'>,
  entry: StreamEntry | undefined,
): CircleDecision => {
  if (entry) return entry.status === 'deleted' ? refuse('not-found') : repeat();
  const live = [...circle.streams.values()].filter(({ status }) => status !== 'deleted').length;
  if (live >= limits.streamsPerCircleMax) return refuse('too-many');
  return record(event('stream-created', { id, name, ...(topic && { topic }) }));
};

const update = (
  entry: StreamEntry,
  { id, name, topic, archived }: CircleCommandOf<'update-stream'>,
): CircleDecision => {
  const change: { name?: string; topic?: string | null } = {};
  if (name !== undefined && name !== entry.name) change.name = name;
  if (topic !== undefined && (topic || undefined) !== entry.topic) change.topic = topic || null;
  const events: EventIn<'circle'>[] = [];
  if (Object.keys(change).length > 0) events.push(event('stream-updated', { id, ...change }));
  if (archived === true && entry.status === 'open') events.push(event('stream-archived', { id }));
  if (archived === false && entry.status === 'archived') {
    events.push(event('stream-restored', { id }));
  }
  return record(...events);
};
