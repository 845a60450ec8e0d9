import type { Outcome } from '../../actors/outcome.ts';
import type { ActorsPort } from '../../actors/port.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import { type InviteRow, isUsable } from '../../projections/models/invites.ts';
import { keyedQueue } from '../operations/keyed-queue.ts';
import { Refused } from '../refusals.ts';

/** Who may register: everybody, those with an invite to a circle, or nobody. */
export type RegistrationMode = 'open' | 'invite' | 'closed';

export type AdmissionOptions = {
  readonly registration: RegistrationMode;
  readonly actors: Pick<ActorsPort, 'askCircle'>;
  /** The invite with a code, as of all that is durable when this is called. */
  readonly inviteOf: (code: string) => Promise<InviteRow | undefined>;
  readonly now: () => number;
  /** Whether new content, such as an account, is refused. */
  readonly isOutOfSpace: () => boolean;
};

/** Makes a new user a member of the circle of the invite, which counts as a use of it. */
export type JoinCircle = (user: UserId, session: string) => Promise<Outcome>;

/**
 * Checks whether a registration is allowed, and then performs it. Throws `Refused`: `forbidden` if nobody may register,
 * or with `field` if an invite is required; `invite-invalid` if the given one cannot be used; `out-of-space`.
 * Registrations with one invite of limited uses run one after the other, so that they cannot exceed its uses together.
 */
export const createAdmission = ({ registration, isOutOfSpace, ...options }: AdmissionOptions) => {
  const { actors, inviteOf, now } = options;
  const inOrder = keyedQueue();
  const joining =
    ({ circle, _id: invite }: InviteRow): JoinCircle =>
    (user, ses) => {
      const stamp = { by: user, at: now(), ses };
      const command = { ...stamp, op: 'join-circle', circle, invite, joined: 0 } as const;
      return actors.askCircle(circle as CircleId, command);
    };
  return async <T>(
    code: string | undefined,
    register: (join?: JoinCircle) => Promise<T>,
  ): Promise<T> => {
    if (registration === 'closed') {
      throw new Refused('forbidden', { message: 'This server does not accept registrations.' });
    }
    if (isOutOfSpace()) throw new Refused('out-of-space');
    if (code === undefined) {
      if (registration === 'open') return register();
      const message = 'Registering on this server requires an invite to one of its circles.';
      throw new Refused('forbidden', { field: 'invite', message });
    }
    const usable = async (): Promise<InviteRow> => {
      const invite = await inviteOf(code);
      if (invite && isUsable(invite, now())) return invite;
      throw new Refused('invite-invalid');
    };
    const invite = await usable();
    if (invite.maxUses === 0) return register(joining(invite));
    return inOrder(code, async () => register(joining(await usable())));
  };
};
