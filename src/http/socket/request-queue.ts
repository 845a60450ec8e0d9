import { limits } from '../../app/limits/limits.ts';
import type { RequestFrame } from './frames.ts';

export type RequestQueueOptions = {
  /** Answers a request and never rejects. Calls `next` when the following request may start. */
  readonly answer: (frame: RequestFrame, next: () => void) => Promise<void>;
  /** Called when a request has been answered. */
  readonly onAnswered: () => void;
};

/** Starts a connection's requests in order, as long as not too many are unanswered. */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  #waiting: RequestFrame[] = [];
  #isBusy = false;
  #unanswered = 0;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  /** Whether a request blocks the following one. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Unanswered requests, including those not started. */
  get size(): number {
    return this.#unanswered + this.#waiting.length;
  }

  push(frame: RequestFrame): void {
    this.#waiting.push(frame);
    this.#advance();
  }

  /** Discards the requests that have not started. */
  clear(): void {
    this.#waiting = [];
  }

  #advance(): void {
    while (!this.#isBusy && this.#unanswered < limits.unansweredMax) {
      const frame = this.#waiting.shift();
      if (!frame) return;
      this.#begin(frame);
    }
  }

  #begin(frame: RequestFrame): void {
    const { answer, onAnswered } = this.#options;
    this.#unanswered++;
    this.#isBusy = true;
    let hasBegun = false;
    const next = (): void => {
      if (hasBegun) return;
      hasBegun = true;
      this.#isBusy = false;
      if (this.#waiting.length > 0) queueMicrotask(() => this.#advance());
    };
    const finish = (): void => {
      this.#unanswered--;
      next();
      this.#advance();
      onAnswered();
    };
    answer(frame, next).then(finish, finish);
  }
}
