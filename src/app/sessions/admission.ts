import type { Actors } from '../../actors/actors.ts';
import type { Outcome } from '../../actors/outcome.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import { type InviteRow, isUsable } from '../../projections/models/invites.ts';
import { Refused } from '../refusals.ts';

/** Who may register: everybody, who has an invite to a circle, nobody. */
export type RegistrationMode = 'open' | 'invite' | 'closed';

export type AdmissionOptions = {
  readonly registration: RegistrationMode;
  readonly actors: Pick<Actors, 'askCircle'>;
  /** The invite with a code, as of all that is durable when this is called. */
  readonly inviteOf: (code: string) => Promise<InviteRow | undefined>;
  readonly now: () => number;
};

/** Makes a user who is about to register a member of the circle of the invite, which counts as a use of it. */
export type JoinCircle = (user: UserId, session: string) => Promise<Outcome>;

/**
 * Decides whether somebody may register. Throws `Refused`: `forbidden` if nobody may, or with `field` if an invite is
 * needed; `invite-invalid` if the given one cannot be used.
 */
export const createAdmission =
  ({ registration, actors, inviteOf, now }: AdmissionOptions) =>
  async (code: string | undefined): Promise<JoinCircle | undefined> => {
    if (registration === 'closed') {
      throw new Refused('forbidden', { message: 'This server does not accept registrations.' });
    }
    if (code === undefined) {
      if (registration === 'open') return undefined;
      const message = 'Registering on this server requires an invite to one of its circles.';
      throw new Refused('forbidden', { field: 'invite', message });
    }
    const invite = await inviteOf(code);
    if (!invite || !isUsable(invite, now())) throw new Refused('invite-invalid');
    const circle = invite.circle as CircleId;
    return (user, ses) => {
      const stamp = { by: user, at: now(), ses };
      return actors.askCircle(circle, {
        ...stamp,
        op: 'join-circle',
        circle,
        invite: code,
        joined: 0,
      });
    };
  };

export type Admission = ReturnType<typeof createAdmission>;
