import type { UserId } from '../events/ids.ts';
import type { Vault } from '../events/vault.ts';
import type { Actors } from './actors.ts';
import { isRefusal, type Refusal } from './decision.ts';
import { limits } from './limits.ts';
import { foldName, isHoldable } from './name/fold.ts';
import type { NewSession } from './user/commands.ts';
import type { Done } from './writer.ts';

/** Hashes passwords; slow by design, so at most a few at a time. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes the same time for `undefined`, which no password fits. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

export type AccountsOptions = {
  readonly actors: Actors;
  readonly vault: Vault;
  readonly hasher: PasswordHasher;
};

export type Registration = {
  readonly user: UserId;
  readonly username: string;
  readonly password: string;
  readonly displayName?: string;
  readonly session: NewSession;
  readonly at: number;
};

export type Login = Pick<Registration, 'username' | 'password' | 'session' | 'at'>;

/** Whose account it is, and what opened the session. */
export type Opened = { readonly user: UserId; readonly done: Done };

const passwordKey = (user: UserId): string => `password.${user}`;

/** Registration and login: what involves a name, a secret and a user, in an order that survives a crash. */
export type Accounts = {
  /** Claims the name first and registers second, so that no name is lost and none is held twice. */
  register(registration: Registration): Promise<Opened | Refusal>;
  /** `undefined`: wrong username or password, after the same time in either case. */
  logIn(login: Login): Promise<Opened | Refusal | undefined>;
};

export const createAccounts = ({ actors, vault, hasher }: AccountsOptions): Accounts => {
  /** A claim that a crash left without an account is let go after a minute. */
  const claim = async (folded: string, user: UserId, at: number): Promise<Refusal | undefined> => {
    const claimed = await actors.askName(folded, { op: 'claim-name', by: user, at });
    if (!isRefusal(claimed)) return undefined;
    const holder = await actors.holderOf(folded);
    if (claimed.refused !== 'username-taken' || !holder) return claimed;
    const owner = holder.user as UserId;
    if (at - holder.at < limits.claimMs || (await actors.isRegistered(owner))) return claimed;
    await actors.askName(folded, { op: 'release-name', by: user, at, user: owner });
    const again = await actors.askName(folded, { op: 'claim-name', by: user, at });
    return isRefusal(again) ? again : undefined;
  };

  return {
    async register({ user, username, password, displayName, session, at }) {
      const refused = await claim(foldName(username), user, at);
      if (refused) return refused;
      await vault.put(passwordKey(user), await hasher.hash(password));
      const named = displayName === undefined ? {} : { displayName };
      const outcome = await actors.askUser(user, {
        op: 'register',
        by: user,
        at,
        username,
        ...named,
        session,
      });
      return isRefusal(outcome) ? outcome : { user, done: outcome };
    },

    async logIn({ username, password, session, at }) {
      const folded = foldName(username);
      const holder = isHoldable(folded) ? await actors.holderOf(folded) : undefined;
      const user = holder?.user as UserId | undefined;
      const hash = user === undefined ? undefined : await vault.get(passwordKey(user));
      if (!(await hasher.verify(hash, password)) || user === undefined) return undefined;
      const outcome = await actors.askUser(user, { op: 'open-session', by: user, at, session });
      if (isRefusal(outcome)) return outcome.refused === 'not-found' ? undefined : outcome;
      return { user, done: outcome };
    },
  };
};
