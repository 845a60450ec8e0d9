import type { EventIn, EventOf } from '../../events/kinds/kinds.ts';
import { reactionForm } from '../../text/emoji.ts';
import type { EventMeta } from '../rules.ts';

/** What the rules know of a message. A deleted one has no mentions and no reactions. */
export type MessageFacts = {
  readonly by: string;
  readonly n: number;
  readonly m: number;
  readonly at: number;
  /** The mentioned users; absent if there are none. */
  readonly mentions?: readonly string[];
  /** The number of reactions by emoji; those without any are left out. */
  readonly reactions?: Readonly<Record<string, number>>;
  readonly deleted?: true;
};

export type MessageChange = Extract<
  EventIn<'stream'>,
  { k: 'message-edited' | 'message-deleted' | 'reaction-added' | 'reaction-removed' }
>;

const changeKinds: ReadonlySet<string> = new Set<MessageChange['k']>([
  'message-edited',
  'message-deleted',
  'reaction-added',
  'reaction-removed',
]);

export const isMessageChange = <Event extends { readonly k: string }>(
  event: Event,
): event is Event & MessageChange => changeKinds.has(event.k);

/** How many members have reacted to a message with an emoji. */
export const countOf = ({ reactions = {} }: MessageFacts, emoji: string): number =>
  (Object.hasOwn(reactions, emoji) ? reactions[emoji] : undefined) ?? 0;

/**
 * The stored forms of an emoji: earlier versions stored what they received, so one emoji may be stored with and
 * without U+FE0F.
 */
export const storedFor = ({ reactions = {} }: MessageFacts, emoji: string): string[] =>
  Object.keys(reactions).filter(
    (stored) => (reactions[stored] ?? 0) > 0 && reactionForm(stored) === reactionForm(emoji),
  );

/** A message as it was posted. */
export const factsOf = (
  { m, mentions }: EventOf<'message-posted'>['d'],
  { by, n, at }: Pick<EventMeta, 'by' | 'n' | 'at'>,
): MessageFacts => ({ by, n, m, at, ...(mentions.length > 0 && { mentions }) });

const counted = (facts: MessageFacts, emoji: string, count: number): MessageFacts => {
  const { [emoji]: _, ...others } = facts.reactions ?? {};
  return { ...facts, reactions: count > 0 ? { ...others, [emoji]: count } : others };
};

/** A message after an event; the facts before it are not changed. */
export const changed = (facts: MessageFacts, event: MessageChange): MessageFacts => {
  switch (event.k) {
    case 'message-edited': {
      const { mentions: _, ...rest } = facts;
      const { mentions } = event.d;
      return mentions.length > 0 ? { ...rest, mentions } : rest;
    }
    case 'message-deleted': {
      const { by, n, m, at } = facts;
      return { by, n, m, at, deleted: true };
    }
    case 'reaction-added':
      return counted(facts, event.d.emoji, countOf(facts, event.d.emoji) + 1);
    case 'reaction-removed':
      return counted(facts, event.d.emoji, countOf(facts, event.d.emoji) - 1);
  }
};
