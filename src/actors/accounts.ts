import { hash } from 'node:crypto';
import type { SessionId, UserId } from '../events/ids.ts';
import type { Vault } from '../events/vault.ts';
import { defined } from '../runtime/defined.ts';
import { fold } from '../text/fold.ts';
import type { Actors } from './actors.ts';
import { isRefusal, type Refusal, refuse } from './decision.ts';
import { limits } from './limits.ts';
import { createClaims } from './name/claims.ts';
import { isHoldable } from './name/holdable.ts';
import type { Done, Outcome } from './outcome.ts';
import type { NewSession } from './user/commands.ts';

/** For whom a password is hashed: those who wait take turns by `client`. */
export type Asker = {
  readonly client: string;
  /** Whether nobody waits for the answer any more. */
  readonly isGone: () => boolean;
};

/** Hashes passwords; slow by design, so at most a few at a time. Rejects if too many wait, or if the asker has gone. */
export interface PasswordHasher {
  hash(password: string, asker: Asker): Promise<string>;
  /** Takes the same time for `undefined`, which no password fits. */
  verify(hash: string | undefined, password: string, asker: Asker): Promise<boolean>;
}

export type AccountsOptions = {
  readonly actors: Actors;
  readonly vault: Vault;
  readonly hasher: PasswordHasher;
  /** Which of these sessions of one user was used least lately, if that is known. */
  readonly leastUsed: (sessions: readonly string[]) => Promise<string | undefined>;
};

export type Registration = {
  readonly user: UserId;
  readonly username: string;
  readonly password: string;
  readonly displayName?: string;
  readonly session: NewSession;
  readonly at: number;
  readonly asker: Asker;
};

export type Login = Pick<Registration, 'username' | 'password' | 'session' | 'at' | 'asker'>;

/** A user, and the id by which the log names the password that counts; undefined: the first one. */
export type Account = { readonly user: UserId; readonly password: string | undefined };

/** Whose account it is, and what opened the session. */
export type Opened = Account & { readonly done: Done };

/** A new password for whoever knows the old one, asked for by one of their sessions. */
export type PasswordChange = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly password: string;
  readonly newPassword: string;
  /** A fresh id, by which the log names the hash of the new password. */
  readonly secret: string;
  readonly at: number;
  readonly asker: Asker;
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
  /** The account that a username names; undefined if there is none. */
  accountOf(username: string): Promise<Account | undefined>;
  /**
   * Claims the name and its look first and registers second, so that no name is lost, none is held twice, and no two
   * look alike. The hash comes before both: one that is refused leaves no claim behind.
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

/** Which session of a user ends when another one is opened; undefined if none has to. */
const endedBy = async (
  { actors, leastUsed }: Pick<AccountsOptions, 'actors' | 'leastUsed'>,
  user: UserId,
): Promise<string | undefined> => {
  const open = await actors.sessionsOf(user);
  return open.length < limits.sessionsPerUserMax ? undefined : leastUsed(open);
};

export const createAccounts = (options: AccountsOptions): Accounts => {
  const { actors, vault, hasher } = options;
  const claims = createClaims(actors);

  /** Which hash counts for a user, and the hash. */
  const secretOf = async (user: UserId) => {
    const secret = await actors.secretOf(user);
    return { secret, hash: await vault.get(passwordKey(user, secret)) };
  };

  /** Who has a name, by its folded form. */
  const holderOf = async (folded: string): Promise<UserId | undefined> => {
    const holder = isHoldable(folded) ? await actors.holderOf(folded) : undefined;
    return holder?.user as UserId | undefined;
  };

  return {
    async accountOf(username) {
      const user = await holderOf(fold(username));
      return user && { user, password: await actors.secretOf(user) };
    },

    async register({ user, username, password, displayName, session, at, asker }) {
      const hash = await hasher.hash(password, asker);
      const refused = await claims.claim({ user, username, at });
      if (refused) return refused;
      await vault.put(passwordKey(user), hash);
      const named = displayName === undefined ? {} : { displayName };
      const command = { op: 'register', by: user, at, username, ...named, session } as const;
      const outcome = await actors.askUser(user, { ...command, ses: session.id });
      return isRefusal(outcome) ? outcome : { user, password: undefined, done: outcome };
    },

    async logIn({ username, password, session, at, asker }) {
      const folded = fold(username);
      const user = await holderOf(folded);
      const known = await secretOf(user ?? nobodyFor(folded));
      const isRight = await hasher.verify(known.hash, password, asker);
      if (!isRight || user === undefined) return undefined;
      const { secret } = known;
      const ends = await endedBy(options, user);
      const command = {
        op: 'open-session',
        by: user,
        at,
        session,
        ses: session.id,
        secret,
        ...defined({ ends }),
      } as const;
      const outcome = await actors.askUser(user, command);
      if (isRefusal(outcome)) return isWrong(outcome) ? undefined : outcome;
      return { user, password: secret, done: outcome };
    },

    async changePassword({ user, session, password, newPassword, secret, at, asker }) {
      const known = await secretOf(user);
      const isRight = await hasher.verify(known.hash, password, asker);
      if (!isRight) return refuse('forbidden', 'password');
      await vault.put(passwordKey(user, secret), await hasher.hash(newPassword, asker));
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
