import { setImmediate } from './timers.ts';
/**
 * Schedules work that may be deferred: one slice per iteration of the event loop, in the order of the calls. Sockets
 * and timers are served between two slices, however many are queued.
 */
export class Slices {
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  /** Resolves when a slice may run; it ends when its work next awaits anything. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // An immediate set within an immediate runs in the next iteration: sockets are read before it.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
