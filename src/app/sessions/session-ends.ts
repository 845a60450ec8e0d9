import type { Accounts } from '../../actors/accounts.ts';
import { isRefusal } from '../../actors/decision.ts';
import type { Outcome } from '../../actors/outcome.ts';
import { type SessionId, type UserId, uuid7 } from '../../events/ids.ts';
import type { Position } from '../../events/log.ts';
import type { ReadBarrier } from '../read-barrier.ts';
import { Refused, refused } from '../refusals.ts';
import type { Devices } from './devices.ts';
import type { LoginLimits } from './login-limits.ts';
import type { Caller } from './sessions.ts';

export type SessionEndsOptions = {
  readonly accounts: Accounts;
  readonly barrier: ReadBarrier;
  readonly partitionOf: (key: string) => number;
  readonly now: () => number;
  /** Told of each session that was ended here, once that is durable. */
  readonly onSessionClosed: (session: SessionId, user: UserId) => void;
};

type Shared = { readonly rates: Pick<LoginLimits, 'passwordChange'>; readonly devices: Devices };

/** The password that counts, and the one that shall. */
export type Passwords = { readonly password: string; readonly newPassword: string };

/** What ends sessions: a log-out, and a change of the password, whose rate is per user. */
export const createSessionEnds = (options: SessionEndsOptions, { rates, devices }: Shared) => {
  const { accounts, barrier, now } = options;

  /** Ends what the sessions that were closed have open; gives where that stands in the log. */
  const settle = (caller: Caller, outcome: Outcome): Position => {
    if (isRefusal(outcome)) {
      throw outcome.field === 'session' ? new Refused('unauthenticated') : refused(outcome);
    }
    for (const { k, d } of outcome.events) {
      if (k === 'session-closed') options.onSessionClosed(d.id as SessionId, caller.user);
    }
    const position = { partition: options.partitionOf(caller.user), seq: outcome.seq };
    barrier.recordAnswered(caller.seen, position);
    return position;
  };

  return {
    /** Ends a session of the caller's user, or all `others`; gives where that stands in the log. */
    async logOut(caller: Caller, ends: string): Promise<Position> {
      const { user, session } = caller;
      return settle(caller, await accounts.logOut({ user, session, ends, at: now() }));
    },

    /** Changes the password and ends all other sessions; no device is known any more but the one marked here. */
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
