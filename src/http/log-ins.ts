import type { Accounts, Opened } from '../actors/accounts.ts';
import { isRefusal, type Refusal } from '../actors/decision.ts';
import { foldName } from '../actors/name/fold.ts';
import type { Outcome } from '../actors/writer.ts';
import { type SessionId, type UserId, uuid7 } from '../events/ids.ts';
import type { Position } from '../events/log.ts';
import { Buckets } from './buckets.ts';
import { limits } from './limits.ts';
import type { Reader } from './reader.ts';
import { Refused, refused } from './refusals.ts';
import type { Caller, Sessions } from './sessions.ts';

export type LogInsOptions = {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly reader: Reader;
  readonly partitionOf: (key: string) => number;
  readonly rateLimits: boolean;
  readonly now: () => number;
  /** Told of each session that was ended here, once that is durable. */
  readonly onSessionClosed: (session: SessionId, user: UserId) => void;
};

/** Where credentials come from, and on what. */
export type From = { readonly address: string; readonly userAgent: string | undefined };

/** The password that counts, and the one that shall. */
export type Passwords = { readonly password: string; readonly newPassword: string };

export type Credentials = From & { readonly username: string; readonly password: string };

/** Somebody who has just registered or logged in. */
export type LoggedIn = { readonly caller: Caller; readonly token: string };

/**
 * Registration and login as both wires offer them, with their rate: per address and per username (W16). And what
 * ends sessions: log-out, and a change of the password, whose rate is per user.
 */
export const createLogIns = (options: LogInsOptions) => {
  const { accounts, sessions, reader, now } = options;
  const rates = new Buckets({ burst: limits.loginsBurst, everyMs: limits.loginEveryMs, now });

  const take = (...keys: string[]): void => {
    if (!options.rateLimits) return;
    const retryAfter = Math.max(...keys.map((key) => rates.take(key)));
    if (retryAfter > 0) throw new Refused('rate-limited', { retryAfter });
  };

  const checkRate = (address: string, username: string): void =>
    take(`address ${address}`, `name ${foldName(username)}`);

  /** Ends what the sessions that were closed have open; gives where that stands in the log. */
  const settle = (caller: Caller, outcome: Outcome): Position => {
    if (isRefusal(outcome)) {
      throw outcome.field === 'session' ? new Refused('unauthenticated') : refused(outcome);
    }
    for (const { k, d } of outcome.events) {
      if (k === 'session-closed') options.onSessionClosed(d.id as SessionId, caller.user);
    }
    const position = { partition: options.partitionOf(caller.user), seq: outcome.seq };
    reader.note(caller.seen, position);
    return position;
  };

  /** Takes the new session into use once the read models show it. */
  const admit = async (
    outcome: Opened | Refusal,
    { token, session }: ReturnType<Sessions['mint']>,
    at: number,
  ): Promise<LoggedIn> => {
    if (isRefusal(outcome)) throw refused(outcome);
    const { user, done } = outcome;
    const caller = sessions.admit(user, session, at);
    const position = { partition: options.partitionOf(user), seq: done.seq };
    reader.note(caller.seen, position);
    await reader.shown(position);
    return { caller, token };
  };

  return {
    /** Undefined if username or password are wrong. */
    async logIn({ username, password, address, userAgent }: Credentials) {
      checkRate(address, username);
      const at = now();
      const minted = sessions.mint(userAgent);
      const outcome = await accounts.logIn({ username, password, session: minted.session, at });
      return outcome && admit(outcome, minted, at);
    },

    async register({
      username,
      password,
      displayName,
      address,
      userAgent,
    }: Credentials & { readonly displayName: string | undefined }): Promise<LoggedIn> {
      checkRate(address, username);
      const minted = sessions.mint(userAgent);
      const at = now();
      const user = uuid7(at) as UserId;
      const named = displayName === undefined ? {} : { displayName };
      const account = { user, username, password, ...named, session: minted.session, at };
      return admit(await accounts.register(account), minted, at);
    },

    /** Ends a session of the caller's user, or all `others`; gives where that stands in the log. */
    async logOut(caller: Caller, ends: string): Promise<Position> {
      const { user, session } = caller;
      return settle(caller, await accounts.logOut({ user, session, ends, at: now() }));
    },

    /** Changes the password and ends all other sessions; gives where that stands in the log. */
    async changePassword(caller: Caller, passwords: Passwords): Promise<Position> {
      const { user, session } = caller;
      take(`user ${user}`);
      const { password, newPassword } = passwords;
      const at = now();
      const change = { user, session, password, newPassword, secret: uuid7(at), at };
      return settle(caller, await accounts.changePassword(change));
    },
  };
};

export type LogIns = ReturnType<typeof createLogIns>;
