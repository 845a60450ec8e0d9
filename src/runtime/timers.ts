import { setTimeout as resolveAfter } from 'node:timers/promises';

// The first five have the names that Node.js gives them: a file that imports them uses these.

export const setTimeout = (run: () => void, ms: number): NodeJS.Timeout =>
  globalThis.setTimeout(run, ms);

export const setInterval = (run: () => void, ms: number): NodeJS.Timeout =>
  globalThis.setInterval(run, ms);

export const clearTimeout = (timer: NodeJS.Timeout | undefined): void =>
  globalThis.clearTimeout(timer);

export const clearInterval = (timer: NodeJS.Timeout | undefined): void =>
  globalThis.clearInterval(timer);

/** Runs a function in the next iteration of the event loop: sockets are read before. */
export const setImmediate = (run: () => void): NodeJS.Immediate => globalThis.setImmediate(run);

export type SleepOptions = {
  /** Ends the sleep early; it then rejects with an `AbortError`. */
  readonly signal?: AbortSignal;
  /** Whether it keeps the process alive; default: true. */
  readonly ref?: boolean;
};

export const sleep = (ms: number, options?: SleepOptions): Promise<void> =>
  resolveAfter(ms, undefined, options);

/** Resolves in the next iteration of the event loop. */
export const nextIteration = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(resolve));

/** Resolves when a signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A signal that aborts after so many ms. It does not keep the process alive. */
export const abortAfter = (ms: number): AbortSignal => AbortSignal.timeout(ms);
