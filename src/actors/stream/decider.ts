import { type Access, accessOf } from '../../access/access.ts';
import { type EventIn, event } from '../../events/kinds/kinds.ts';
import { defined } from '../../runtime/defined.ts';
import { reactionForm } from '../../text/emoji.ts';
import type { CircleState } from '../circle/state.ts';
import { nothing, type Refusal, record, refuse, repeat } from '../decision.ts';
import { limits } from '../limits.ts';
import type { Named, Posted, StreamCommand, StreamCommandOf, StreamDecision } from './commands.ts';
import { countOf, storedFor } from './message-facts.ts';
import { recallMessage, recallReaction } from './recall.ts';
import type { StreamState } from './state.ts';

/** The rules of a stream; they also read the circle, whose members and streams decide who may do what. */
export const decide = (
  stream: StreamState,
  command: StreamCommand,
  circle: CircleState,
): StreamDecision => {
  const access = accessOf(circle, command.by, command.stream);
  // The author of a message may have lost access since it was posted; the post has succeeded nevertheless.
  const repeated = command.op === 'post-message' ? repeatOf(stream, command) : undefined;
  if (repeated) return repeated;
  if (access.refusal) return refuse(access.refusal);
  const archived = circle.streams.get(command.stream)?.status === 'archived';
  switch (command.op) {
    case 'open-stream':
      return stream.n === 0 ? record(event('stream-opened', {})) : nothing();
    case 'post-message':
      return post(stream, circle, { command, archived });
    case 'edit-message':
      return archived ? refuse('archived') : edit(stream, circle, command);
    case 'delete-message':
      return archived ? refuse('archived') : remove(stream, access, command);
    case 'react':
    case 'unreact':
      return archived ? refuse('archived') : decideReaction(stream, command);
    case 'pin':
    case 'unpin':
      return archived ? refuse('archived') : decidePin(stream, access, command);
  }
};

/** The first answer, if the author has posted the message before (W8). */
const repeatOf = (
  stream: StreamState,
  { id, by, past }: StreamCommandOf<'post-message'>,
): StreamDecision | undefined => {
  const before = recallMessage(stream, id, past);
  if (before?.by !== by) return undefined;
  const { n, m, at } = before;
  return repeat({ id, n, m, at } satisfies Posted);
};

const post = (
  stream: StreamState,
  circle: CircleState,
  { command, archived }: { command: StreamCommandOf<'post-message'>; archived: boolean },
): StreamDecision => {
  const { id, at, text, replyTo, past } = command;
  if (recallMessage(stream, id, past)) return refuse('conflict', 'id');
  if (archived) return refuse('archived');
  if (replyTo !== undefined && !recallMessage(stream, replyTo, past))
    return refuse('bad-request', 'replyTo');
  const m = stream.m + 1;
  const mentions = mentioned(circle, command.named);
  const posted = event('message-posted', {
    id,
    m,
    text,
    ...defined({ replyTo }),
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
  const before = recallMessage(stream, id, past);
  if (!before || before.deleted) return refuse('not-found');
  if (before.by !== by) return refuse('forbidden');
  const { m } = before;
  const mentions = mentioned(circle, named);
  const removed = (before.mentions ?? []).filter((user) => !mentions.includes(user));
  return record(event('message-edited', { id, m, text, mentions, ...unmentioned(removed) }));
};

const remove = (
  stream: StreamState,
  { manages }: Access,
  { id, by, past }: StreamCommandOf<'delete-message'>,
): StreamDecision => {
  const before = recallMessage(stream, id, past);
  if (!before) return refuse('not-found');
  if (before.by !== by && !manages) return refuse('forbidden') satisfies Refusal;
  if (before.deleted) return nothing();
  const { m, mentions = [] } = before;
  return record(event('message-deleted', { id, m, ...unmentioned(mentions) }));
};

const unmentioned = (users: readonly string[]) =>
  users.length > 0 ? { unmentioned: [...users] } : {};

const mentioned = (circle: CircleState, named: Named): string[] => [
  ...new Set(named.flatMap((choices) => choices.find((user) => circle.members.has(user)) ?? [])),
];

const decidePin = (
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

/** Commands of members on their own reactions; the right to give them has been checked. */
const decideReaction = (
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
