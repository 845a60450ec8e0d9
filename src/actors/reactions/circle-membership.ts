import { type Aggregate, partsOf } from '../../events/aggregate.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import type { Actors } from '../actors.ts';
import { isRefusal } from '../decision.ts';
import type { Reaction, ReactionEvent } from './reaction.ts';

/** Who was a member of a circle at a place of the log at which it was deleted, in pages. */
export type MembersOf = (circle: CircleId, seq: number) => AsyncIterable<readonly UserId[]>;

/**
 * Tells a user's own event stream which circles the user is in: `member-joined` → `circle-joined`,
 * `member-left` and `member-removed` → `circle-left`, `circle-deleted` → `circle-left` for each member. The
 * number of the circle's event goes along: an older or a repeated one is recognised by it.
 */
export const circleMembership = (actors: Actors, membersOf: MembersOf): Reaction => {
  const note = async (
    user: UserId,
    source: ReactionEvent,
    place: { circle: CircleId; joined: boolean },
  ) => {
    const { n, at, by } = source;
    const outcome = await actors.askUser(user, {
      op: 'note-circle',
      by: by as UserId,
      at,
      n,
      ...place,
    });
    if (isRefusal(outcome)) throw new Error(`user ${user} refused a circle: ${outcome.refused}`);
  };

  const noteAll = async (source: ReactionEvent, circle: CircleId) => {
    for await (const users of membersOf(circle, source.seq)) {
      await Promise.all(users.map((user) => note(user, source, { circle, joined: false })));
    }
  };

  return {
    name: 'circle-membership',
    react(event: ReactionEvent, aggregate: Aggregate) {
      const circleOf = (): CircleId => {
        const parts = partsOf(aggregate);
        if (parts.kind !== 'circle') throw new Error(`${event.k} in ${aggregate}`);
        return parts.circle;
      };
      switch (event.k) {
        case 'member-joined':
          return note(event.d.user as UserId, event, { circle: circleOf(), joined: true });
        case 'member-left':
        case 'member-removed':
          return note(event.d.user as UserId, event, { circle: circleOf(), joined: false });
        case 'circle-deleted':
          return noteAll(event, circleOf());
        default:
          return undefined;
      }
    },
  };
};
