import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AddressRates } from '../app/limits/address-rates.ts';
import { clientAddressOf } from '../app/limits/client-address.ts';
import { limits } from '../app/limits/limits.ts';
import { Refused } from '../app/refusals.ts';
import { FairQueue } from '../app/sessions/fair-queue.ts';
import type { LoginLimitsOptions } from '../app/sessions/login-limits.ts';
import { nextIteration } from '../runtime/timers.ts';

/**
 * Starts one request per iteration of the event loop, alternating between client addresses, so that open sockets are
 * read in between however many requests and upgrades arrive at once. A client address with too many waiting requests is
 * refused with `rate-limited`.
 */
export const takeTurns = (app: FastifyInstance): void => {
  const queue = new FairQueue({
    runningMax: 1,
    waitingMax: limits.requestsWaitingMax,
    waitingPerClientMax: limits.requestsWaitingPerClientMax,
    retryAfterMs: limits.requestRetryMs,
  });

  const turn = ({ ip, raw }: FastifyRequest): Promise<void> => {
    const asker = { client: clientAddressOf(ip).client, isGone: () => raw.socket.destroyed };
    return new Promise((begin, refuse) => {
      const work = (): Promise<void> => {
        begin();
        return nextIteration();
      };
      queue.run(asker, work).catch(refuse);
    });
  };

  app.addHook('onRequest', turn);
};

export type RequestLimitsDeps = Pick<LoginLimitsOptions, 'monotonic' | 'refusals' | 'sharing'>;

/**
 * Limits the requests of a client address per minute, and of all client addresses of a site. Beyond the limit they are
 * refused with `rate-limited`.
 */
export const limitRequests = (
  app: FastifyInstance,
  { monotonic: now, refusals, sharing }: RequestLimitsDeps,
): void => {
  const { requestsPerMinute: burst, siteFactor } = limits;
  const rate = { burst, everyMs: 60_000 / burst, siteFactor, now };
  const rates = new AddressRates({ name: 'requests', ...rate, sharing });

  app.addHook('onRequest', async ({ ip }) => {
    const retryAfter = await rates.take(clientAddressOf(ip));
    if (retryAfter === 0) return;
    await refusals.hold();
    throw new Refused('rate-limited', { retryAfter });
  });
};
