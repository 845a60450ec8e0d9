import { monotonic } from './clock.ts';
import { setTimeout } from './timers.ts';

type Waiting = { readonly until: number; readonly expire: () => void };

/**
 * Bounds how long callers wait for answers. All have the same time, so one timer serves any number of them.
 * It does not keep the process alive.
 */
export class Deadline {
  readonly #ms: number;
  /** In the order in which they expire, since a `Set` keeps the order of insertion. */
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Settles as the promise does, or with what `late` returns or throws if that takes too long. */
  within<T>(promise: Promise<T>, late: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const expire = (): void => {
        try {
          resolve(late());
        } catch (error) {
          reject(error);
        }
      };
      const waiting = { until: monotonic() + this.#ms, expire };
      this.#waiting.add(waiting);
      this.#timer ??= setTimeout(() => this.#look(), this.#ms).unref();
      promise.then(
        (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
        (error) => {
          this.#waiting.delete(waiting);
          reject(error);
        },
      );
    });
  }

  /** Expires what has waited too long, and sets the timer for the next. */
  #look(): void {
    this.#timer = undefined;
    const now = monotonic();
    for (const waiting of this.#waiting) {
      const left = waiting.until - now;
      if (left > 0) {
        this.#timer = setTimeout(() => this.#look(), Math.ceil(left)).unref();
        return;
      }
      this.#waiting.delete(waiting);
      waiting.expire();
    }
  }
}
