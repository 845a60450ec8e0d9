import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../actors/accounts.ts';
import { Refused } from './refusals.ts';

/** Hashes at once: each takes a core and 19 MiB for some tens of milliseconds. */
const concurrentMax = 2;
/** Beyond so many that wait, more would wait longer than anybody does. */
const waitingMax = 200;
const retryAfterMs = 2000;

/**
 * Argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives as its minimum (19 MiB, two
 * passes), in the library's own threads. Refuses with `unavailable` when too many wait.
 */
export const argonHasher = async (): Promise<PasswordHasher> => {
  const nobody = await hash('a password that nobody has');
  const waiting: (() => void)[] = [];
  let running = 0;

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting.length >= waitingMax)
      throw new Refused('unavailable', { retryAfter: retryAfterMs });
    if (running >= concurrentMax) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };

  return {
    hash: (password) => inTurn(() => hash(password)),
    verify: (known, password) =>
      inTurn(async () => (await verify(known ?? nobody, password)) && known !== undefined),
  };
};
