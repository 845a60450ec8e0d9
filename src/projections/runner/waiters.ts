import { clearTimeout, setTimeout } from '../../runtime/timers.ts';

type Waiter = {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  timer?: NodeJS.Timeout;
};

const done = Promise.resolve();

/** Callers that wait until a partition is applied up to a position, the nearest first. */
export class Waiters {
  #reached = 0;
  #closed: Error | undefined;
  readonly #waiting: Waiter[] = [];
  /** Called when a caller starts to wait. */
  onWait: (() => void) | undefined;

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
        const message = `the read models have not applied position ${seq} within ${timeoutMs} ms`;
        reject(new DOMException(message, 'TimeoutError'));
      }, timeoutMs);
    });
  }

  /** Resolves the callers that wait for `seq` or an earlier position. Going back is allowed and resolves none. */
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

  /** Rejects all callers that wait, and later ones that wait for what has not been reached. */
  close(error: Error): void {
    this.#closed = error;
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(error);
    }
  }

  /** Positions grow, so a new waiter nearly always belongs at the end. */
  #insert(waiter: Waiter): void {
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.seq ?? 0) > waiter.seq) at--;
    this.#waiting.splice(at, 0, waiter);
  }
}
