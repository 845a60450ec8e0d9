import type { Accounts, Opened } from '../actors/accounts.ts';
import { isRefusal, type Refusal } from '../actors/decision.ts';
import { foldName } from '../actors/name/fold.ts';
import { type UserId, uuid7 } from '../events/ids.ts';
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
};

/** Where credentials come from, and on what. */
export type From = { readonly address: string; readonly userAgent: string | undefined };

export type Credentials = From & { readonly username: string; readonly password: string };

/** Somebody who has just registered or logged in. */
export type LoggedIn = { readonly caller: Caller; readonly token: string };

/** Registration and login as both wires offer them, with their rate: per address and per username (W16). */
export const createLogIns = (options: LogInsOptions) => {
  const { accounts, sessions, reader, now } = options;
  const rates = new Buckets({ burst: limits.loginsBurst, everyMs: limits.loginEveryMs, now });

  const checkRate = (address: string, username: string): void => {
    if (!options.rateLimits) return;
    const waits = [rates.take(`address ${address}`), rates.take(`name ${foldName(username)}`)];
    const retryAfter = Math.max(...waits);
    if (retryAfter > 0) throw new Refused('rate-limited', { retryAfter });
  };

  /** Takes the new session into use once the read models show it. */
  const admit = async (
    outcome: Opened | Refusal,
    { token, session }: ReturnType<Sessions['mint']>,
  ): Promise<LoggedIn> => {
    if (isRefusal(outcome)) throw refused(outcome);
    const { user, done } = outcome;
    const caller = sessions.admit(user, session);
    const position = { partition: options.partitionOf(user), seq: done.seq };
    reader.note(caller.seen, position);
    await reader.shown(position);
    return { caller, token };
  };

  return {
    /** Undefined if username or password are wrong. */
    async logIn({ username, password, address, userAgent }: Credentials) {
      checkRate(address, username);
      const minted = sessions.mint(userAgent);
      const login = { username, password, session: minted.session, at: now() };
      const outcome = await accounts.logIn(login);
      return outcome && admit(outcome, minted);
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
      return admit(await accounts.register(account), minted);
    },
  };
};

export type LogIns = ReturnType<typeof createLogIns>;
