import type { EventIn } from '../../events/kinds/kinds.ts';
import type { Rules } from '../rules.ts';
import { TrackedSet } from '../tracked-set.ts';
import type { CircleCommand } from './commands.ts';
import { decide } from './decider.ts';
import { type CircleState, evolve, noCircle } from './state.ts';

type Frozen = Omit<CircleState, 'members' | 'streams' | 'invites'> & {
  readonly streams: [string, never][];
  readonly invites: [string, never][];
};

export const circleRules: Rules<CircleState, CircleCommand, EventIn<'circle'>, undefined> = {
  initial: noCircle,
  decide,
  evolve,
  snapshotVersion: 2,
  freeze: ({ members: _, ...circle }) => ({
    ...circle,
    streams: [...circle.streams],
    invites: [...circle.invites],
  }),
  thaw: (frozen) => {
    const circle = frozen as Frozen;
    return {
      ...circle,
      members: new TrackedSet(),
      streams: new Map(circle.streams),
      invites: new Map(circle.invites),
    };
  },
  large: ({ members }) => members,
};
