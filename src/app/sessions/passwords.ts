import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../../actors/accounts.ts';
import { preparedPassword } from '../../text/password.ts';
import { limits } from '../limits/limits.ts';
import { FairQueue } from './fair-queue.ts';

/** Concurrent hashes: one core is left for everything else. */
const hashesAtOnce = (): number =>
  Math.max(1, Math.min(limits.hashesMax, availableParallelism() - 1));

export const hashPassword = (password: string): Promise<string> => hash(preparedPassword(password));

/** The forms in which a password may have been hashed: earlier versions hashed it as typed. */
const formsOf = (password: string): Set<string> => new Set([preparedPassword(password), password]);

/** The hash of a password that nobody has, made by `hashPassword`: it takes as long to verify as any other. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$KyFwOng12nqvRr1Jp2kLpQ$DyXyy/b1l8VpZcmJeLbbmndaKwepSjN4XrFB8X7iBNg';

/**
 * Argon2id with the minimum parameters of OWASP's Password Storage Cheat Sheet (19 MiB, two passes), in the library's
 * threads. A few run at once, each on a core; the others wait in a fair queue. The duration depends on the input and
 * not on whether the user exists.
 */
export const argonHasher = (rateLimits: boolean): PasswordHasher => {
  const queue = new FairQueue({
    runningMax: hashesAtOnce(),
    waitingMax: limits.hashesWaitingMax,
    waitingPerClientMax: rateLimits ? limits.hashesWaitingPerClientMax : limits.hashesWaitingMax,
    retryAfterMs: limits.hashRetryMs,
  });
  return {
    hash: (password, asker) => queue.run(asker, () => hashPassword(password)),
    verify: (known, password, asker) =>
      queue.run(asker, async () => {
        for (const form of formsOf(password)) {
          if (await verify(known ?? nobody, form)) return known !== undefined;
        }
        return false;
      }),
  };
};
