import type { UserId } from '../../events/ids.ts';
import type { Vault } from '../../events/vault.ts';
import { isRefusal } from '../decision.ts';
import type { Outcome } from '../outcome.ts';
import type { ActorsPort } from '../port.ts';
import type { UserCommandOf } from './commands.ts';

/** A command that makes another hash valid, and the hash. */
type Replacement = {
  readonly user: UserId;
  readonly hash: string;
  /** The id of the hash that was valid before. */
  readonly was: string | undefined;
  readonly command: UserCommandOf<'change-password' | 'reset-password'>;
};

const keyOf = (user: UserId, secret?: string): string =>
  secret === undefined ? `password.${user}` : `password.${user}.${secret}`;

/** The hashes of passwords in the vault. The log tells which one of a user is valid. */
export const createSecrets = (actors: ActorsPort, vault: Vault) => ({
  /** The valid hash of a user, and its id; both undefined if there is no account. */
  async of(user: UserId) {
    const secret = await actors.secretOf(user);
    return { secret, hash: await vault.get(keyOf(user, secret)) };
  },

  /** Stores the first hash of a new user. */
  putFirst: (user: UserId, hash: string): Promise<void> => vault.put(keyOf(user), hash),

  /** Destroys the hash of a user who is not registered after all; if it stays behind, only space is lost. */
  destroyFirst: (user: UserId): Promise<void> => vault.destroy(keyOf(user)).catch(() => undefined),

  /** Stores a hash, makes it valid by a command, and destroys the one that is not valid afterwards. */
  async replace({ user, hash, was, command }: Replacement): Promise<Outcome> {
    const { secret } = command;
    await vault.put(keyOf(user, secret), hash);
    const outcome = await actors.askUser(user, command);
    // If it is unavailable, the change may be in the log or not.
    if (isRefusal(outcome) && outcome.refused === 'unavailable') return outcome;
    // A hash that is not valid opens nothing; if it stays behind, only space is lost.
    await vault.destroy(keyOf(user, isRefusal(outcome) ? secret : was)).catch(() => {});
    return outcome;
  },
});
