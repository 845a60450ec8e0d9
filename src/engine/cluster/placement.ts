import { JetStreamApiError } from '@nats-io/jetstream';
import { monotonic } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import { ApiRefusal, apiCodes } from './jetstream-log/api.ts';

/** The servers cannot hold the copies that are wanted of a stream; the message says what to do. */
export class TooFewServers extends Error {
  override readonly name = 'TooFewServers';
}

/** What is to be stored, and in how many copies. */
export type Placement = { readonly stream: string; readonly replicas: number };

/** A cluster that has just started does not know all of its servers. */
const placedMsMax = 5_000;
const pauseMs = 250;

/**
 * Makes a request that places copies on servers; repeats it for up to 5 s while too few are known, so it must be
 * idempotent. Rejects with `TooFewServers` if there are too few.
 */
export const placing = async <T>(
  { stream, replicas }: Placement,
  request: () => Promise<T>,
): Promise<T> => {
  const deadline = monotonic() + placedMsMax;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const refusal = replicas > 1 ? refusalIn(error) : undefined;
      if (!refusal) throw error;
      if (refusal.code !== apiCodes.noPeers || monotonic() >= deadline) {
        throw new TooFewServers(
          `NATS cannot keep ${replicas} copies of ${stream} (${refusal.message}): run as many servers with JetStream and space, or lower OSHI_NATS_REPLICAS.`,
          { cause: error },
        );
      }
    }
    await sleep(pauseMs);
  }
};

const refusals: readonly number[] = [
  apiCodes.noPeers,
  apiCodes.insufficientResources,
  apiCodes.replicasNotSupported,
];

const refusalIn = (error: unknown): ApiRefusal | JetStreamApiError | undefined => {
  const isRefusal = error instanceof ApiRefusal || error instanceof JetStreamApiError;
  return isRefusal && refusals.includes(error.code) ? error : undefined;
};
