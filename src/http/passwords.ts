import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../actors/accounts.ts';
import { FairQueue } from './fair-queue.ts';
import { limits } from './limits.ts';

/** How many passwords are hashed at once: one core is left to everything else. */
const hashesAtOnce = (): number =>
  Math.max(1, Math.min(limits.hashesMax, availableParallelism() - 1));

/**
 * Argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives as its minimum (19 MiB, two
 * passes), in the library's own threads. A few at once, each of which takes a core; the others wait in a fair queue,
 * which refuses what is too much.
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
    hash: (password, asker) => queue.run(asker, () => hash(password)),
    verify: (known, password, asker) =>
      queue.run(asker, async () => {
        const isRight = await verify(known ?? nobody, password);
        return isRight && known !== undefined;
      }),
  };
};
