import type { Past } from './commands.ts';
import { changed, type MessageFacts } from './message-facts.ts';
import { reactionKey, type StreamState } from './state.ts';

/** The current state of a message, recent or looked up; undefined if there is none. */
export const recallMessage = (
  stream: StreamState,
  id: string,
  past: Past | undefined,
): MessageFacts | undefined => {
  const recent = stream.messages.get(id);
  const old = past?.messages.get(id);
  if (recent || !old) return recent;
  const { seq, changes } = stream.latest;
  return past?.seq === seq ? (changes.get(id) ?? []).reduce(changed, old) : old;
};

type Reaction = { readonly id: string; readonly by: string; readonly emoji: string };

/** Whether a reaction exists, by its newest change or by what was looked up. */
export const recallReaction = (
  stream: StreamState,
  { id, by, emoji }: Reaction,
  past: Past | undefined,
): boolean => {
  const key = reactionKey(id, by, emoji);
  return stream.reactions.get(key) ?? past?.reactions.has(key) ?? false;
};
