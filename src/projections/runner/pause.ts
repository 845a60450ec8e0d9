import { clearTimeout, setTimeout } from '../../runtime/timers.ts';

/** A pause after the first failure, doubled with each one that follows, in ms. */
const failureMs = 50;
const failureMsMax = 1_000;

/** A pause that can be cut short. */
export class Pause {
  #end: (() => void) | undefined;
  #failures = 0;

  /** Resolves after so many ms, or when `end` is called. */
  of(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Pauses for longer after each failure in a row. */
  afterFailure(): Promise<void> {
    return this.of(Math.min(failureMsMax, failureMs * 2 ** this.#failures++));
  }

  /** The next failure is a first one. */
  recovered(): void {
    this.#failures = 0;
  }

  end(): void {
    this.#end?.();
  }
}
