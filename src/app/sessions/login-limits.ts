import type { UserId } from '../../events/ids.ts';
import { AddressRates } from '../limits/address-rates.ts';
import { Buckets } from '../limits/buckets.ts';
import type { ClientAddress } from '../limits/client-address.ts';
import { limits } from '../limits/limits.ts';
import type { WaitingRoom } from '../limits/waiting-room.ts';
import { Refused } from '../refusals.ts';
import { type Attempt, LoginGuard, type Settle } from './login-guard.ts';

export type LoginLimitsOptions = {
  readonly rateLimits: boolean;
  /** A clock that only goes forward, in ms. */
  readonly monotonic: () => number;
  /** Where refusals are held for a while, since most of what is refused is tried again at once. */
  readonly refusals: Pick<WaitingRoom, 'hold'>;
};

/** An attempt to log in: by which name as it counts, from where, and how its known device is looked up. */
export type LoginAttempt = {
  readonly name: string;
  readonly address: ClientAddress;
  readonly deviceOf: () => Promise<string | undefined>;
};

/**
 * The limits of logins, registrations and changes of passwords (W16), which throw `rate-limited`. The address comes
 * first: what it refuses counts for no username.
 */
export const createLoginLimits = (options: LoginLimitsOptions) => {
  const { rateLimits, monotonic: now, refusals } = options;
  const rate = { burst: limits.loginsBurst, everyMs: limits.loginEveryMs, now };
  const addresses = new AddressRates({ ...rate, siteFactor: limits.siteFactor });
  const users = new Buckets(rate);
  const guard = new LoginGuard(now);

  const limited = async (retryAfter: number): Promise<void> => {
    if (retryAfter === 0) return;
    await refusals.hold();
    throw new Refused('rate-limited', { retryAfter });
  };

  return {
    async registration(address: ClientAddress): Promise<void> {
      if (rateLimits) await limited(addresses.take(address));
    },
    async passwordChange(user: UserId): Promise<void> {
      if (rateLimits) await limited(users.take(user));
    },
    /** Resolves when the password may be tried, and returns what is to be called with the outcome. */
    async logIn({ name, address, deviceOf }: LoginAttempt): Promise<Settle> {
      if (!rateLimits) return () => undefined;
      const attempt: Attempt = { name, client: address.client, device: undefined };
      const wait = addresses.take(address);
      if (wait > 0) await limited(Math.max(wait, guard.wait(attempt)));
      return guard.admit({ ...attempt, device: await deviceOf() });
    },
  };
};

export type LoginLimits = ReturnType<typeof createLoginLimits>;
