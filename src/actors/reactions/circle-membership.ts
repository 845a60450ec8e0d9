import { type Aggregate, partsOf } from '../../events/aggregate.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import { isRefusal } from '../decision.ts';
import type { ActorsPort } from '../port.ts';
import type { Reaction, ReactionEvent } from './reaction.ts';

/** The members of a circle at the position of the log at which it was deleted, in pages. */
export type MembersOf = (circle: CircleId, seq: number) => AsyncIterable<readonly UserId[]>;

/**
 * Records in a user's own event stream which circles the user is in: `member-joined` → `circle-joined`, `member-left`
 * and `member-removed` → `circle-left`, `circle-deleted` → `circle-left` for each member. The number of the circle's
 * event is recorded too, which identifies older and repeated ones.
 */
export const circleMembership = (actors: ActorsPort, membersOf: MembersOf): Reaction => {
  const record = async (
    user: UserId,
    source: ReactionEvent,
    change: { circle: CircleId; joined: boolean },
  ) => {
    const { n, at, by } = source;
    const outcome = await actors.askUser(user, {
      op: 'note-circle',
      by: by as UserId,
      at,
      n,
      ...change,
    });
    if (isRefusal(outcome)) throw new Error(`user ${user} refused a circle: ${outcome.refused}`);
  };

  const recordAll = async (source: ReactionEvent, circle: CircleId) => {
    for await (const users of membersOf(circle, source.seq)) {
      await Promise.all(users.map((user) => record(user, source, { circle, joined: false })));
    }
  };

  return {
    name: 'circle-membership',
    kinds: new Set(['member-joined', 'member-left', 'member-removed', 'circle-deleted']),
    async react(event: ReactionEvent, aggregate: Aggregate) {
      const circleOf = (): CircleId => {
        const parts = partsOf(aggregate);
        if (parts.kind !== 'circle') throw new Error(`${event.k} in ${aggregate}`);
        return parts.circle;
      };
      switch (event.k) {
        case 'member-joined':
          return record(event.d.user as UserId, event, { circle: circleOf(), joined: true });
        case 'member-left':
        case 'member-removed':
          return record(event.d.user as UserId, event, { circle: circleOf(), joined: false });
        case 'circle-deleted':
          return recordAll(event, circleOf());
        default:
          throw new Error(`${event.k} is no change of a membership`);
      }
    },
  };
};
