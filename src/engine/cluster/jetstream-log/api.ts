import { errors, RequestError } from '@nats-io/transport-node';
import { LogUnavailable } from '../../../events/log.ts';
import { monotonic } from '../../../runtime/clock.ts';
import { sleep } from '../../../runtime/timers.ts';
import { type Link, LinkLost } from './link.ts';

/** A refusal of JetStream, with its own error code; the text is for the operator only. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The log cannot be reached. */
export class Unreachable extends LogUnavailable {
  override readonly name = 'Unreachable';
}

const answerMsMax = 4_000;
const pauseMs = 100;

/**
 * Calls JetStream's API and retries, for up to `withinMs` (default 4 s), when the answer is lost. So only for
 * idempotent calls. Throws `ApiRefusal` or `Unreachable`.
 */
export const askApi = async <Answer>(
  link: Link,
  { path, body = {}, withinMs = answerMsMax }: { path: string; body?: object; withinMs?: number },
): Promise<Answer> => {
  const deadline = monotonic() + withinMs;
  let cause: unknown;
  do {
    if (!(await link.regained(Math.max(0, deadline - monotonic())))) break;
    try {
      const request = link.nc.request(`$JS.API.${path}`, JSON.stringify(body), {
        timeout: answerMsMax,
      });
      return answerOf<Answer>(await link.untilLost(request));
    } catch (error) {
      if (!isLost(error)) throw error;
      cause = error;
      await sleep(pauseMs);
    }
  } while (monotonic() < deadline);
  throw new Unreachable('the event log does not answer: is nats-server running?', { cause });
};

/** Whether the error only means that an answer is missing, or that the cluster currently has no leader. */
export const isLost = (error: unknown): boolean =>
  (error instanceof ApiRefusal && error.code === apiCodes.noLeader) ||
  error instanceof LinkLost ||
  error instanceof errors.TimeoutError ||
  error instanceof errors.ClosedConnectionError ||
  error instanceof RequestError;

const answerOf = <Answer>(message: { json<T>(): T }): Answer => {
  const answer = message.json<Answer & { error?: { err_code?: number; description?: string } }>();
  if (answer.error) {
    const { err_code: code = 0, description = 'refused' } = answer.error;
    throw new ApiRefusal(code, description);
  }
  return answer;
};

/** JetStream's error codes that Oshi handles. */
export const apiCodes = {
  noPeers: 10005,
  noLeader: 10008,
  insufficientResources: 10023,
  messageNotFound: 10037,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  replicasNotSupported: 10074,
} as const;
