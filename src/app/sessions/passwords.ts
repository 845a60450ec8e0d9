import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../../actors/accounts.ts';
import { preparedPassword } from '../../text/password.ts';
import { limits } from '../limits/limits.ts';
import { FairQueue } from './fair-queue.ts';

/** How many passwords are hashed at once: one core is left to everything else. */
const hashesAtOnce = (): number =>
  Math.max(1, Math.min(limits.hashesMax, availableParallelism() - 1));

/** What a password may have been hashed as: earlier versions hashed it as it was typed. */
const formsOf = (password: string): Set<string> => new Set([preparedPassword(password), password]);

/**
 * Argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives as its minimum (19 MiB, two
 * passes), in the library's own threads. A few at once, each of which takes a core; the others wait in a fair queue,
 * which refuses what is too much. How long it takes depends on what was typed, and not on whether there is such a user.
 */
export const argonHasher = async (rateLimits: boolean): Promise<PasswordHasher> => {
  const nobody = await hash('a password that nobody has');
  const queue = new FairQueue({
    runningMax: hashesAtOnce(),
    waitingMax: limits.hashesWaitingMax,
    waitingPerClientMax: rateLimits ? limits.hashesWaitingPerClientMax : limits.hashesWaitingMax,
    retryAfterMs: limits.hashRetryMs,
  });
  return {
    hash: (password, asker) => queue.run(asker, () => hash(preparedPassword(password))),
    verify: (known, password, asker) =>
      queue.run(asker, async () => {
        for (const form of formsOf(password)) {
          if (await verify(known ?? nobody, form)) return known !== undefined;
        }
        return false;
      }),
  };
};
