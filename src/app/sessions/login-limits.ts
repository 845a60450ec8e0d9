import type { UserId } from '../../events/ids.ts';
import { AddressRates } from '../limits/address-rates.ts';
import { Buckets } from '../limits/buckets.ts';
import type { ClientAddress } from '../limits/client-address.ts';
import { limits } from '../limits/limits.ts';
import { Shared } from '../limits/shared.ts';
import type { Sharing } from '../limits/sharing.ts';
import type { WaitingRoom } from '../limits/waiting-room.ts';
import { Refused } from '../refusals.ts';
import type { Attempt } from './login-failures.ts';
import { type GuardNodes, LoginGuard, type Settle } from './login-guard.ts';

export type LoginLimitsOptions = {
  readonly rateLimits: boolean;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  /** Delays refusals, since most refused clients retry immediately. */
  readonly refusals: Pick<WaitingRoom, 'hold'>;
  /** Shares rates with the other nodes; default: there are none. */
  readonly sharing?: Sharing | undefined;
  /** The nodes that count wrong passwords; default: this one. */
  readonly guardNodes?: GuardNodes | undefined;
};

/** A login attempt: the folded username, the address, and a lookup of its known device. */
export type LoginAttempt = {
  readonly name: string;
  readonly address: ClientAddress;
  readonly deviceOf: () => Promise<string | undefined>;
};

/**
 * The limits of logins, registrations and password changes (W16), which throw `rate-limited`. The address is checked
 * first: an attempt refused there does not count for a username.
 */
export const createLoginLimits = (options: LoginLimitsOptions) => {
  const { rateLimits, monotonic: now, refusals, sharing } = options;
  const rate = { burst: limits.loginsBurst, everyMs: limits.loginEveryMs, now };
  const { burst } = rate;
  const { siteFactor } = limits;
  const addresses = new AddressRates({ name: 'logins', ...rate, siteFactor, sharing });
  const users = new Shared(new Buckets(rate), { name: 'password changes', burst, sharing });
  const guard = new LoginGuard(now, options.guardNodes);

  const limited = async (retryAfter: number): Promise<void> => {
    if (retryAfter === 0) return;
    await refusals.hold();
    throw new Refused('rate-limited', { retryAfter });
  };

  return {
    async registration(address: ClientAddress): Promise<void> {
      if (rateLimits) await limited(await addresses.take(address));
    },
    async passwordChange(user: UserId): Promise<void> {
      if (rateLimits) await limited(await users.takeWhenReady(user));
    },
    /** Resolves when the password may be checked, with a function to be called with the outcome. */
    async logIn({ name, address, deviceOf }: LoginAttempt): Promise<Settle> {
      if (!rateLimits) return () => undefined;
      const attempt: Attempt = { name, client: address.client };
      const wait = await addresses.take(address);
      if (wait > 0) await limited(Math.max(wait, guard.wait(attempt)));
      return guard.admit({ ...attempt, device: await deviceOf() });
    },
  };
};

export type LoginLimits = ReturnType<typeof createLoginLimits>;
