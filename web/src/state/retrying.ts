import { OshiError } from '../../../src/client/error.ts';

/** The pause after the first failure, in ms: doubled each time. */
const pauseMs = 1_000;
const pauseMsMax = 30_000;

/** Transient errors: a server that is unavailable, slow or failing. */
const isPassing = (error: unknown): boolean =>
  error instanceof OshiError &&
  (error.retryAfter !== undefined || ['unavailable', 'timeout', 'internal'].includes(error.code));

export type RetryOptions = {
  /** The result is no longer needed. */
  readonly isOver: () => boolean;
  /** Called for each failure. */
  readonly onError: (error: unknown) => void;
};

/** Runs until it succeeds. Undefined if it is over before, or fails with a permanent error. */
export const retrying = async <T>(
  run: () => Promise<T>,
  { isOver, onError }: RetryOptions,
): Promise<T | undefined> => {
  for (let ms = pauseMs; !isOver(); ms = Math.min(2 * ms, pauseMsMax)) {
    try {
      return await run();
    } catch (error) {
      if (isOver()) return undefined;
      onError(error);
      if (!isPassing(error)) return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
  return undefined;
};
