import { Buckets } from '../limits/buckets.ts';
import { DailyQuota } from '../limits/daily-quota.ts';
import { limits } from '../limits/limits.ts';
import { Shared } from '../limits/shared.ts';
import type { Sharing } from '../limits/sharing.ts';
import { Refused } from '../refusals.ts';
import type { Answer, Operation } from './operation.ts';

export type CommandLimitsOptions = {
  /** Whether commands have a rate and a quota. */
  readonly rateLimits: boolean;
  /** Commands of a user within 24 hours that append events; 0: unlimited. */
  readonly dailyCommands: number;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  /** Default: there are no other nodes. */
  readonly sharing?: Sharing;
};

type Run = () => Promise<Answer>;

/** The rate of a user's commands, and how many of them may append events within a day (W16). */
export const commandLimits = (options: CommandLimitsOptions) => {
  const { rateLimits, dailyCommands, monotonic: now, sharing } = options;
  const burst = limits.commandsBurst;
  const buckets = new Buckets({ burst, everyMs: 1000 / limits.commandsPerSecond, now });
  const rates = new Shared(buckets, { name: 'commands', burst, sharing });
  const daily = { name: 'daily commands', burst: dailyCommands, sharing };
  const quota = new Shared(new DailyQuota({ max: dailyCommands, now }), daily);

  const withinQuota = async (user: string, run: Run): Promise<Answer> => {
    const retryAfter = await quota.takeWhenReady(user);
    if (retryAfter > 0) {
      const message = `You have sent ${dailyCommands} commands within a day, which is the limit; try again later.`;
      throw new Refused('rate-limited', { retryAfter, message });
    }
    return run().catch((error: unknown) => {
      quota.giveBack(user);
      throw error;
    });
  };

  /** Runs a user's command if it is within the limits. One that is refused later takes nothing of the quota. */
  return async (user: string, operation: Operation, run: Run): Promise<Answer> => {
    const retryAfter = rateLimits ? await rates.takeWhenReady(user) : 0;
    if (retryAfter > 0) throw new Refused('rate-limited', { retryAfter });
    const hasQuota = rateLimits && dailyCommands > 0 && !operation.isUnrecorded;
    return hasQuota ? withinQuota(user, run) : run();
  };
};
