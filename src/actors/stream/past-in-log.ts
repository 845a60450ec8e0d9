import type { Aggregate } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { EventOf } from '../../events/kinds/kinds.ts';
import { type EventLog, LogUnavailable } from '../../events/log.ts';
import { limits } from '../limits.ts';
import type { Past } from './commands.ts';
import { changed, factsOf, isMessageChange, type MessageFacts } from './message-facts.ts';
import type { PastWanted } from './past.ts';
import { reactionKey } from './state.ts';

/**
 * Looks old messages and reactions up in the stream's own log, as of its end, for when the read models are
 * unavailable. Rejects with `LogUnavailable` if the stream has more than `limits.lookUpCommitsMax` commits.
 */
export const pastInLog = async (
  log: Pick<EventLog, 'read'>,
  stream: Aggregate,
  { wanted, seq }: { readonly wanted: PastWanted; readonly seq: number },
): Promise<Past> => {
  const found = finding(wanted);
  let commits = 0;
  for await (const { commit } of log.read(stream)) {
    commits += 1;
    if (commits > limits.lookUpCommitsMax) {
      throw new LogUnavailable(`${stream} is too long to look an old message up in it`);
    }
    for (const [index, event] of commit.events.entries()) found.take(event, commit.n + index);
  }
  return { seq, messages: found.messages, reactions: found.reactions };
};

/** Collects what is requested from the events that it receives. */
const finding = (wanted: PastWanted) => {
  const ids = new Set(wanted.messages);
  const reactors = new Set(wanted.reactions.map(({ id, by }) => `${id}/${by}`));
  const messages = new Map<string, MessageFacts>();
  const reactions = new Set<string>();
  const react = (by: string, { k, d: { id, emoji } }: EventOf<ReactionKind>): void => {
    if (!reactors.has(`${id}/${by}`)) return;
    if (k === 'reaction-added') reactions.add(reactionKey(id, by, emoji));
    else reactions.delete(reactionKey(id, by, emoji));
  };
  const take = (event: LoggedEvent, n: number): void => {
    const { by, at } = event;
    if (event.k === 'message-posted') {
      if (ids.has(event.d.id)) messages.set(event.d.id, factsOf(event.d, { by, n, at }));
    } else if (isMessageChange(event)) {
      const facts = messages.get(event.d.id);
      if (facts) messages.set(event.d.id, changed(facts, event));
      if (event.k === 'reaction-added' || event.k === 'reaction-removed') react(by, event);
    }
  };
  return { messages, reactions, take };
};

type ReactionKind = 'reaction-added' | 'reaction-removed';
