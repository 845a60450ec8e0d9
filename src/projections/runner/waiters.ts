import { clearTimeout, setTimeout } from '../../runtime/timers.ts';

type Waiter = {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  timer?: NodeJS.Timeout;
};

const done = Promise.resolve();

/** Those who wait until a partition is applied up to some place, the nearest place first. */
export class Waiters {
  #reached = 0;
  #closed: Error | undefined;
  readonly #waiting: Waiter[] = [];
  /** Told when somebody begins to wait. */
  onWait: (() => void) | undefined;

  /** Whether somebody waits. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Resolves once `seq` is reached; rejects with a `TimeoutError` after `timeoutMs` (infinite: never), or
   * with the error of `close`.
   */
  wait(seq: number, timeoutMs: number): Promise<void> {
    if (seq <= this.#reached) return done;
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { seq, resolve, reject };
      this.#insert(waiter);
      this.onWait?.();
      if (timeoutMs === Number.POSITIVE_INFINITY) return;
      waiter.timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        const message = `the read models have not come to place ${seq} within ${timeoutMs} ms`;
        reject(new DOMException(message, 'TimeoutError'));
      }, timeoutMs);
    });
  }

  /** Tells everybody who waited for `seq` or a place before it. Going back is allowed and tells nobody. */
  reach(seq: number): void {
    this.#reached = seq;
    let count = 0;
    for (const waiter of this.#waiting) {
      if (waiter.seq > seq) break;
      count++;
    }
    for (const { resolve, timer } of this.#waiting.splice(0, count)) {
      clearTimeout(timer);
      resolve();
    }
  }

  /** Rejects all who wait and all who come later for what has not been reached. */
  close(error: Error): void {
    this.#closed = error;
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(error);
    }
  }

  /** Places grow, so a new waiter nearly always belongs at the end. */
  #insert(waiter: Waiter): void {
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.seq ?? 0) > waiter.seq) at--;
    this.#waiting.splice(at, 0, waiter);
  }
}
