import type { EventIn } from '../../events/kinds.ts';
import type { CircleState } from '../circle/state.ts';
import { limits } from '../limits.ts';
import { Recent } from '../recent.ts';
import type { Rules } from '../rules.ts';
import type { StreamCommand } from './commands.ts';
import { decide } from './decider.ts';
import { evolve, type MessageFacts, noStream, type StreamState } from './state.ts';

type Frozen = {
  readonly n: number;
  readonly m: number;
  readonly forgottenSeq: number;
  readonly turn: StreamState['turn'];
  readonly recent: [string, MessageFacts][];
  readonly deleted: [string, true][];
};

/** A stream, as its writer runs it. */
export const streamRules: Rules<StreamState, StreamCommand, EventIn<'stream'>, CircleState> = {
  initial: noStream,
  decide,
  evolve,
  snapshotVersion: 1,
  freeze: ({ n, m, forgottenSeq, turn, recent, deleted }): Frozen => ({
    n,
    m,
    forgottenSeq,
    turn,
    recent: recent.entries(),
    deleted: deleted.entries(),
  }),
  thaw: (frozen) => {
    const { n, m, forgottenSeq, turn, recent, deleted } = frozen as Frozen;
    return {
      n,
      m,
      forgottenSeq,
      turn,
      recent: new Recent(limits.recentMessagesMin, recent),
      deleted: new Recent(limits.recentMessagesMin, deleted),
    };
  },
};
