import { type EventIn, event } from '../../events/kinds.ts';
import { forbidOutsider, isManager } from '../circle/rights.ts';
import type { CircleState } from '../circle/state.ts';
import { nothing, type Refusal, record, refuse, repeat } from '../decision.ts';
import type {
  Named,
  PastMessages,
  Posted,
  StreamCommand,
  StreamCommandOf,
  StreamDecision,
} from './commands.ts';
import type { MessageFacts, StreamState } from './state.ts';

/** The rules of a stream; they see the circle, whose members and streams decide who may do what. */
export const decide = (
  stream: StreamState,
  command: StreamCommand,
  circle: CircleState,
): StreamDecision => {
  const outside = forbidOutsider(circle, command.by);
  if (outside) return outside;
  const entry = circle.streams.get(command.stream);
  if (!entry || entry.status === 'deleted') return refuse('not-found');
  const archived = entry.status === 'archived';
  switch (command.op) {
    case 'open-stream':
      return stream.n === 0 ? record(event('stream-opened', {})) : nothing();
    case 'post-message':
      return post(stream, circle, { command, archived });
    case 'edit-message':
      return archived ? refuse('archived') : edit(stream, circle, command);
    case 'delete-message':
      return archived ? refuse('archived') : remove(stream, circle, command);
  }
};

const find = (
  stream: StreamState,
  id: string,
  past: PastMessages | undefined,
): MessageFacts | undefined => {
  const facts = stream.recent.get(id) ?? past?.get(id);
  return facts && stream.deleted.get(id) ? { ...facts, deleted: true } : facts;
};

const post = (
  stream: StreamState,
  circle: CircleState,
  { command, archived }: { command: StreamCommandOf<'post-message'>; archived: boolean },
): StreamDecision => {
  const { id, by, at, text, replyTo, past } = command;
  const before = find(stream, id, past);
  if (before?.by === by) {
    const { n, m } = before;
    return repeat({ id, n, m, at: before.at } satisfies Posted);
  }
  if (before) return refuse('conflict', 'id');
  if (archived) return refuse('archived');
  if (replyTo !== undefined && !find(stream, replyTo, past))
    return refuse('bad-request', 'replyTo');
  const m = stream.m + 1;
  const mentions = mentioned(circle, command.named);
  const posted = event('message-posted', {
    id,
    m,
    text,
    ...(replyTo !== undefined && { replyTo }),
    mentions,
  });
  const opened: EventIn<'stream'>[] = stream.n === 0 ? [event('stream-opened', {})] : [];
  const answer: Posted = { id, n: stream.n + opened.length + 1, m, at };
  return { events: [...opened, posted], answer };
};

const edit = (
  stream: StreamState,
  circle: CircleState,
  { id, by, text, named, past }: StreamCommandOf<'edit-message'>,
): StreamDecision => {
  const before = find(stream, id, past);
  if (!before || before.deleted) return refuse('not-found');
  if (before.by !== by) return refuse('forbidden');
  return record(event('message-edited', { id, text, mentions: mentioned(circle, named) }));
};

const remove = (
  stream: StreamState,
  circle: CircleState,
  { id, by, past }: StreamCommandOf<'delete-message'>,
): StreamDecision => {
  const before = find(stream, id, past);
  if (!before) return refuse('not-found');
  if (before.by !== by && !isManager(circle, by)) return refuse('forbidden') satisfies Refusal;
  return before.deleted ? nothing() : record(event('message-deleted', { id }));
};

const mentioned = (circle: CircleState, named: Named): string[] => [
  ...new Set(named.flatMap((choices) => choices.find((user) => circle.members.has(user)) ?? [])),
];
