import type { EventIn } from '../../events/kinds/kinds.ts';
import type { CircleState } from '../circle/state.ts';
import { limits } from '../limits.ts';
import type { Rules } from '../rules.ts';
import type { StreamCommand } from './commands.ts';
import { decide } from './decider.ts';
import { ForgottenIds, type FrozenForgottenIds } from './forgotten-ids.ts';
import { type FrozenMemory, Memory } from './memory.ts';
import type { MessageFacts } from './message-facts.ts';
import { evolve, noStream, type StreamSizes, type StreamState } from './state.ts';

type Frozen = {
  readonly n: number;
  readonly m: number;
  readonly messages: FrozenMemory<MessageFacts>;
  readonly ids: FrozenForgottenIds;
  readonly reactions: FrozenMemory<boolean>;
  readonly pins: readonly string[];
};

export type StreamRules = Rules<StreamState, StreamCommand, EventIn<'stream'>, CircleState>;

/** The rules of a stream whose state keeps so many entries. */
export const streamRulesFor = (sizes: StreamSizes): StreamRules => ({
  initial: () => noStream(sizes),
  decide,
  evolve,
  snapshotVersion: 3,
  freeze: ({ n, m, messages, ids, reactions, pins }): Frozen => ({
    n,
    m,
    messages: messages.freeze(),
    ids: ids.freeze(),
    reactions: reactions.freeze(),
    pins: [...pins],
  }),
  thaw: (frozen) => {
    const { n, m, messages, ids, reactions, pins } = frozen as Frozen;
    return {
      ...noStream(sizes),
      n,
      m,
      messages: new Memory(sizes.recentMessagesMin, messages),
      ids: new ForgottenIds(ids),
      reactions: new Memory(sizes.recentReactionsMin, reactions),
      pins: new Set(pins),
    };
  },
});

export const streamRules = streamRulesFor(limits);
