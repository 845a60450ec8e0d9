import { hash } from 'node:crypto';
import type { SessionId, UserId } from '../events/ids.ts';
import type { Vault } from '../events/vault.ts';
import type { Actors } from './actors.ts';
import { isRefusal, type Refusal, refuse } from './decision.ts';
import { createClaims } from './name/claims.ts';
import { foldName, isHoldable } from './name/fold.ts';
import type { NewSession } from './user/commands.ts';
import type { Done, Outcome } from './writer.ts';

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

/** A new password for whoever knows the old one, asked for by one of their sessions. */
export type PasswordChange = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly password: string;
  readonly newPassword: string;
  /** A fresh id, by which the log names the hash of the new password. */
  readonly secret: string;
  readonly at: number;
};

/** By whom a session is ended, and which; `others`: all but the one by which this is asked. */
export type LogOut = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly ends: string;
  readonly at: number;
};

const passwordKey = (user: UserId, secret?: string): string =>
  secret === undefined ? `password.${user}` : `password.${user}.${secret}`;

/** Nobody's id, by which a name that nobody has makes as much work as one that somebody has. */
const nobodyFor = (folded: string): UserId => {
  const hex = hash('sha256', `nobody/${folded}`);
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join('-') as UserId;
};

/**
 * Registration, login and what follows: what involves a name, a secret and a user, in an order that survives a
 * crash. The log says which hash in the vault counts, so that a change of it is one commit: until then the old
 * password counts, and from then on no session lives that was opened with it.
 */
export type Accounts = {
  /**
   * Claims the name and its look first and registers second, so that no name is lost, none is held twice, and no two
   * look alike.
   */
  register(registration: Registration): Promise<Opened | Refusal>;
  /** `undefined`: wrong username or password, after the same time in either case. */
  logIn(login: Login): Promise<Opened | Refusal | undefined>;
  /** `forbidden` if the old password is wrong, `not-found` `session` if that has ended meanwhile. */
  changePassword(change: PasswordChange): Promise<Outcome>;
  /** `not-found` if the user never had such a session, `not-found` `session` if the one that asks has ended. */
  logOut(logOut: LogOut): Promise<Outcome>;
};

/** Whether a login was refused since there is no account, or another password by now. */
const isWrong = ({ refused, field }: Refusal): boolean =>
  refused === 'not-found' || (refused === 'conflict' && field === 'password');

export const createAccounts = ({ actors, vault, hasher }: AccountsOptions): Accounts => {
  const claims = createClaims(actors);

  /** Which hash counts for a user, and the hash. */
  const secretOf = async (user: UserId) => {
    const secret = await actors.secretOf(user);
    return { secret, hash: await vault.get(passwordKey(user, secret)) };
  };

  return {
    async register({ user, username, password, displayName, session, at }) {
      const refused = await claims.claim({ user, username, at });
      if (refused) return refused;
      await vault.put(passwordKey(user), await hasher.hash(password));
      const named = displayName === undefined ? {} : { displayName };
      const command = { op: 'register', by: user, at, username, ...named, session } as const;
      const outcome = await actors.askUser(user, { ...command, ses: session.id });
      return isRefusal(outcome) ? outcome : { user, done: outcome };
    },

    async logIn({ username, password, session, at }) {
      const folded = foldName(username);
      const holder = isHoldable(folded) ? await actors.holderOf(folded) : undefined;
      const user = holder?.user as UserId | undefined;
      const known = await secretOf(user ?? nobodyFor(folded));
      if (!(await hasher.verify(known.hash, password)) || user === undefined) return undefined;
      const { secret } = known;
      const command = {
        op: 'open-session',
        by: user,
        at,
        session,
        ses: session.id,
        secret,
      } as const;
      const outcome = await actors.askUser(user, command);
      if (isRefusal(outcome)) return isWrong(outcome) ? undefined : outcome;
      return { user, done: outcome };
    },

    async changePassword({ user, session, password, newPassword, secret, at }) {
      const known = await secretOf(user);
      if (!(await hasher.verify(known.hash, password))) return refuse('forbidden', 'password');
      await vault.put(passwordKey(user, secret), await hasher.hash(newPassword));
      const was = known.secret;
      const stamp = { by: user, at, ses: session };
      const command = { ...stamp, op: 'change-password', session, was, secret } as const;
      const outcome = await actors.askUser(user, command);
      // Of what is unavailable nobody knows yet whether it stands in the log.
      if (isRefusal(outcome) && outcome.refused === 'unavailable') return outcome;
      // A hash that does not count opens nothing; if it stays behind, nothing but its place is lost.
      await vault.destroy(passwordKey(user, isRefusal(outcome) ? secret : was)).catch(() => {});
      return outcome;
    },

    async logOut({ user, session, ends, at }) {
      const stamp = { by: user, at, ses: session };
      if (ends === 'others') return actors.askUser(user, { ...stamp, op: 'close-others', session });
      const outcome = await actors.askUser(user, { ...stamp, op: 'close-session', id: ends });
      if (isRefusal(outcome) || outcome.events.length > 0) return outcome;
      return (await actors.everHad(user, ends)) ? outcome : refuse('not-found');
    },
  };
};
