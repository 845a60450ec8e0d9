import type { Accounts } from '../../actors/accounts.ts';
import { isRefusal } from '../../actors/decision.ts';
import type { Outcome } from '../../actors/outcome.ts';
import { type SessionId, type UserId, uuid7 } from '../../events/ids.ts';
import type { Position } from '../../events/position.ts';
import type { ReadBarrier } from '../read-barrier.ts';
import { Refused, refused } from '../refusals.ts';
import type { Devices } from './devices.ts';
import type { LoginLimits } from './login-limits.ts';
import type { Caller } from './sessions.ts';

export type SessionEndsOptions = {
  readonly accounts: Accounts;
  readonly barrier: ReadBarrier;
  readonly now: () => number;
  /** Called for each session that was ended here, once that is durable. */
  readonly onSessionClosed: (session: SessionId, user: UserId) => void;
};

type Shared = { readonly rates: Pick<LoginLimits, 'passwordChange'>; readonly devices: Devices };

/** The current password and the new one. */
export type Passwords = { readonly password: string; readonly newPassword: string };

/** Logout, and change of the password, which has a rate per user. */
export const createSessionEnds = (options: SessionEndsOptions, { rates, devices }: Shared) => {
  const { accounts, barrier, now } = options;

  /** Closes the connections of ended sessions; returns the position in the log. */
  const settle = (caller: Caller, outcome: Outcome): Position => {
    if (isRefusal(outcome)) {
      throw outcome.field === 'session' ? new Refused('unauthenticated') : refused(outcome);
    }
    for (const { k, d } of outcome.events) {
      if (k === 'session-closed') options.onSessionClosed(d.id as SessionId, caller.user);
    }
    barrier.recordAnswered(caller.seen, outcome.position);
    return outcome.position;
  };

  return {
    /** Ends a session of the caller's user, or all `others`; returns the position in the log. */
    async logOut(caller: Caller, ends: string): Promise<Position> {
      const { user, session } = caller;
      return settle(caller, await accounts.logOut({ user, session, ends, at: now() }));
    },

    /** Changes the password and ends all other sessions. Device cookies become invalid, except the one returned. */
    async changePassword(
      caller: Caller,
      { password, newPassword }: Passwords,
    ): Promise<{ readonly position: Position; readonly device: string }> {
      const { user, session } = caller;
      await rates.passwordChange(user);
      const at = now();
      const secret = uuid7(at);
      const asker = { client: `user ${user}`, isGone: () => false };
      const change = { user, session, password, newPassword, secret, at, asker };
      const position = settle(caller, await accounts.changePassword(change));
      return { position, device: devices.mark({ user, password: secret }) };
    },
  };
};
