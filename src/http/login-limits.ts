import type { UserId } from '../events/ids.ts';
import { AddressRates } from './address-rates.ts';
import { Buckets } from './buckets.ts';
import type { ClientAddress } from './client-address.ts';
import { limits } from './limits.ts';
import { type Attempt, LoginGuard, type Settle } from './login-guard.ts';
import { Refused } from './refusals.ts';

export type LoginLimitsOptions = {
  readonly rateLimits: boolean;
  /** A clock that only goes forward, in ms. */
  readonly monotonic: () => number;
};

/** An attempt to log in: by which name as it counts, from where, and how its known device is looked up. */
export type LoginAttempt = {
  readonly name: string;
  readonly address: ClientAddress;
  readonly deviceOf: () => Promise<string | undefined>;
};

const limited = (retryAfter: number): void => {
  if (retryAfter > 0) throw new Refused('rate-limited', { retryAfter });
};

/**
 * The limits of logins, registrations and changes of passwords (W16), which throw `rate-limited`. The address comes
 * first: what it refuses counts for no username.
 */
export const createLoginLimits = ({ rateLimits, monotonic: now }: LoginLimitsOptions) => {
  const rate = { burst: limits.loginsBurst, everyMs: limits.loginEveryMs, now };
  const addresses = new AddressRates({ ...rate, siteFactor: limits.siteFactor });
  const users = new Buckets(rate);
  const guard = new LoginGuard(now);
  return {
    registration(address: ClientAddress): void {
      if (rateLimits) limited(addresses.take(address));
    },
    passwordChange(user: UserId): void {
      if (rateLimits) limited(users.take(user));
    },
    /** Resolves when the password may be tried, and returns what is to be called with the outcome. */
    async logIn({ name, address, deviceOf }: LoginAttempt): Promise<Settle> {
      if (!rateLimits) return () => undefined;
      const attempt: Attempt = { name, client: address.client, device: undefined };
      const wait = addresses.take(address);
      if (wait > 0) limited(Math.max(wait, guard.wait(attempt)));
      return guard.admit({ ...attempt, device: await deviceOf() });
    },
  };
};

export type LoginLimits = ReturnType<typeof createLoginLimits>;
