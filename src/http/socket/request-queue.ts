import { limits } from '../../app/limits/limits.ts';
import type { RequestFrame } from './frames.ts';

export type RequestQueueOptions = {
  /** Answers a request and never rejects. `next` is called when the request that follows may begin. */
  readonly answer: (frame: RequestFrame, next: () => void) => Promise<void>;
  /** Called when a request was answered. */
  readonly onAnswered: () => void;
};

/** Begins a connection's requests in the order in which they came, as long as not too many are unanswered. */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  #waiting: RequestFrame[] = [];
  #isBusy = false;
  #unanswered = 0;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  /** Whether a request keeps the one that follows from beginning. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** How many requests are not answered, those that have not begun included. */
  get size(): number {
    return this.#unanswered + this.#waiting.length;
  }

  push(frame: RequestFrame): void {
    this.#waiting.push(frame);
    this.#advance();
  }

  /** Forgets the requests that have not begun. */
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
