import { hash } from 'node:crypto';
import { operatorId, type SessionId, type UserId } from '../events/ids.ts';
import type { Vault } from '../events/vault.ts';
import { defined } from '../runtime/defined.ts';
import { fold } from '../text/fold.ts';
import { isRefusal, type Refusal, refuse } from './decision.ts';
import { limits } from './limits.ts';
import { createClaims } from './name/claims.ts';
import { isHoldable } from './name/holdable.ts';
import type { Done, Outcome } from './outcome.ts';
import type { ActorsPort } from './port.ts';
import type { NewSession } from './user/commands.ts';
import { createSecrets } from './user/secrets.ts';

/** The client that a password is hashed for; waiting clients are served in turn, by `client`. */
export type Asker = {
  readonly client: string;
  /** Whether the client has gone, so that the answer is not needed. */
  readonly isGone: () => boolean;
};

/** Hashes passwords; slow by design, so only a few at a time. Rejects if too many wait, or if the client has gone. */
export interface PasswordHasher {
  hash(password: string, asker: Asker): Promise<string>;
  /** Takes the same time for `undefined`, which no password matches. */
  verify(hash: string | undefined, password: string, asker: Asker): Promise<boolean>;
}

export type AccountsOptions = {
  readonly actors: ActorsPort;
  readonly vault: Vault;
  readonly hasher: PasswordHasher;
  /** The least recently used of these sessions of one user, if known. */
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
  /** Called once the account exists; if it is refused, the account is withdrawn. */
  readonly join?: () => Promise<Outcome>;
};

export type Login = Pick<Registration, 'username' | 'password' | 'session' | 'at' | 'asker'>;

/** A user, and the id by which the log names the valid password; undefined: the first one. */
export type Account = { readonly user: UserId; readonly password: string | undefined };

/** The account, the command that opened the session, and the one by which a new user joined a circle. */
export type Opened = Account & { readonly done: Done; readonly joined?: Done };

/** A new password, requested by a session of the user, who must give the old one. */
export type PasswordChange = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly password: string;
  readonly newPassword: string;
  /** A new id, by which the log names the hash of the new password. */
  readonly secret: string;
  readonly at: number;
  readonly asker: Asker;
};

/** A new password, set by an operator. `hash`: of the password, by `PasswordHasher`. */
export type PasswordReset = {
  readonly user: UserId;
  readonly hash: string;
  /** A new id, by which the log names the hash. */
  readonly secret: string;
  readonly at: number;
};

/** The session that ends, and the one that requests it; `others`: all but the latter. */
export type LogOut = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly ends: string;
  readonly at: number;
};

/** The id of no user, by which an unknown username costs as much work as a known one. */
const nobodyFor = (folded: string): UserId => {
  const hex = hash('sha256', `nobody/${folded}`);
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join('-') as UserId;
};

/**
 * Registration, login and logout: operations on a name, a secret and a user, in an order that survives a crash. The
 * log tells which hash in the vault is valid, so a change is one commit: until then the old password is valid, and
 * from then on all sessions opened with it have ended.
 */
export type Accounts = {
  /** The account of a username; undefined if there is none. */
  accountOf(username: string): Promise<Account | undefined>;
  /**
   * Claims the skeleton and the name first and registers second, so that no name is lost or held twice, and no two
   * look alike. The password is hashed before both, so that a rejection leaves no claim behind.
   */
  register(registration: Registration): Promise<Opened | Refusal>;
  /** `undefined`: wrong username or password, after the same time in either case. */
  logIn(login: Login): Promise<Opened | Refusal | undefined>;
  /** `forbidden` if the old password is wrong, `not-found` `session` if the session has ended meanwhile. */
  changePassword(change: PasswordChange): Promise<Outcome>;
  /** Sets a password without knowing the old one, and ends all sessions. `not-found` if there is no account. */
  resetPassword(reset: PasswordReset): Promise<Outcome>;
  /** `not-found` if the user never had the session, `not-found` `session` if the requesting one has ended. */
  logOut(logOut: LogOut): Promise<Outcome>;
};

/** Whether a login was refused because there is no account, or the password was changed meanwhile. */
const isWrong = ({ refused, field }: Refusal): boolean =>
  refused === 'not-found' || (refused === 'conflict' && field === 'password');

/** The session that ends when another one is opened; undefined if none has to. */
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
  const secrets = createSecrets(actors, vault);

  /** The holder of a name, by its folded form. */
  const holderOf = async (folded: string): Promise<UserId | undefined> => {
    const holder = isHoldable(folded) ? await actors.holderOf(folded) : undefined;
    return holder?.user as UserId | undefined;
  };

  return {
    async accountOf(username) {
      const user = await holderOf(fold(username));
      return user && { user, password: await actors.secretOf(user) };
    },

    async register({ user, username, password, displayName, session, at, asker, join }) {
      const hash = await hasher.hash(password, asker);
      const refused = await claims.claim({ user, username, at });
      if (refused) return refused;
      await secrets.putFirst(user, hash);
      const named = displayName === undefined ? {} : { displayName };
      const command = { op: 'register', by: user, at, username, ...named, session } as const;
      const outcome = await actors.askUser(user, { ...command, ses: session.id });
      if (isRefusal(outcome)) return outcome;
      const opened = { user, password: undefined, done: outcome };
      const joined = await join?.();
      if (!joined) return opened;
      if (!isRefusal(joined)) return { ...opened, joined };
      // The user may have joined, or can do so later.
      if (joined.refused === 'unavailable') return opened;
      await actors.askUser(user, { op: 'withdraw', by: user, at });
      await claims.release({ user, username, at });
      await secrets.destroyFirst(user);
      return joined;
    },

    async logIn({ username, password, session, at, asker }) {
      const folded = fold(username);
      const user = await holderOf(folded);
      const known = await secrets.of(user ?? nobodyFor(folded));
      const isRight = await hasher.verify(known.hash, password, asker);
      if (!isRight || user === undefined) return undefined;
      const { secret } = known;
      const ends = await endedBy(options, user);
      const opening = { by: user, at, session, ses: session.id, secret, ...defined({ ends }) };
      const outcome = await actors.askUser(user, { op: 'open-session', ...opening });
      if (isRefusal(outcome)) return isWrong(outcome) ? undefined : outcome;
      return { user, password: secret, done: outcome };
    },

    async changePassword({ user, session, password, newPassword, secret, at, asker }) {
      const known = await secrets.of(user);
      const isRight = await hasher.verify(known.hash, password, asker);
      if (!isRight) return refuse('forbidden', 'password');
      const was = known.secret;
      const stamp = { by: user, at, ses: session };
      const command = { ...stamp, op: 'change-password', session, was, secret } as const;
      const hash = await hasher.hash(newPassword, asker);
      return secrets.replace({ user, hash, was, command });
    },

    async resetPassword({ user, secret, hash, at }) {
      const was = await actors.secretOf(user);
      const command = { op: 'reset-password', by: operatorId, at, secret } as const;
      return secrets.replace({ user, hash, was, command });
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
