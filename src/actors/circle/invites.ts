import { event } from '../../events/kinds/kinds.ts';
import { nothing, record, refuse, repeat } from '../decision.ts';
import { limits } from '../limits.ts';
import type { CircleCommandOf, CircleDecision } from './commands.ts';
import type { CircleState, Invite } from './state.ts';

const isUsable = ({ expiresAt }: Invite, at: number): boolean =>
  expiresAt === undefined || at < expiresAt;

/** Commands on invites; the right to give them has been checked. */
export const decideInvite = (
  circle: CircleState,
  command: CircleCommandOf<'create-invite'> | CircleCommandOf<'revoke-invite'>,
): CircleDecision => {
  const { code, at } = command;
  if (command.op === 'revoke-invite') {
    const { known } = command;
    // One that is used up admits no one, but is listed until it is revoked or expires.
    if (circle.invites.has(code) || known === 'listed') {
      return record(event('invite-revoked', { code }));
    }
    return known === 'revoked' ? nothing() : refuse('not-found');
  }
  if (circle.invites.has(code)) return repeat();
  const { maxUses, expiresIn } = command;
  const full = circle.invites.size >= limits.invitesPerCircleMax;
  if (full && [...circle.invites.values()].every((invite) => isUsable(invite, at))) {
    return refuse('too-many');
  }
  const expired = full ? [...circle.invites].filter(([, invite]) => !isUsable(invite, at)) : [];
  return record(
    ...expired.slice(0, 1).map(([old]) => event('invite-revoked', { code: old })),
    event('invite-created', { code, maxUses, ...(expiresIn > 0 && { expiresAt: at + expiresIn }) }),
  );
};
