import { limits } from '../../app/limits/limits.ts';
import type { Answered } from '../../app/limits/overload.ts';
import type { Problem } from '../../app/refusals.ts';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { RequestFrame } from './frames.ts';

export type RequestQueueOptions = {
  /** Admits a request when it arrives: returns what is called once it is answered; or why it is refused. */
  readonly admit: (frame: RequestFrame) => Answered | Problem;
  /** Answers a request that is refused. */
  readonly refuse: (id: string, problem: Problem) => void;
  /** Answers a request and never rejects. Calls `next` when the following request may start. */
  readonly answer: (frame: RequestFrame, next: () => void) => Promise<void>;
  /** Called when a request has been answered, and when the pause after a refusal is over. */
  readonly onAnswered: () => void;
};

type Admitted = { readonly frame: RequestFrame; readonly answered: Answered };

/**
 * Starts a connection's requests in order, as long as not too many are unanswered. One that is refused on arrival is
 * answered at once, and followed by a pause: what else its client has sent costs less while it has not been read.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  #waiting: Admitted[] = [];
  #pause: NodeJS.Timeout | undefined;
  #isBusy = false;
  #unanswered = 0;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  /** Whether a request blocks the following one. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Whether the connection should not be read, since a request has been refused. */
  get isPausing(): boolean {
    return this.#pause !== undefined;
  }

  /** Unanswered requests, including those not started. */
  get size(): number {
    return this.#unanswered + this.#waiting.length;
  }

  push(frame: RequestFrame): void {
    const admitted = this.#options.admit(frame);
    if (typeof admitted === 'function') {
      this.#waiting.push({ frame, answered: admitted });
      this.#advance();
    } else {
      this.#refuse(frame.id, admitted);
    }
  }

  /** Discards the requests that have not started. */
  clear(): void {
    for (const { answered } of this.#waiting) answered();
    this.#waiting = [];
    clearTimeout(this.#pause);
  }

  #refuse(id: string, problem: Problem): void {
    this.#options.refuse(id, problem);
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#options.onAnswered();
    }, limits.refusedPauseMs);
  }

  #advance(): void {
    while (!this.#isBusy && this.#unanswered < limits.unansweredMax) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#begin(next);
    }
  }

  #begin({ frame, answered }: Admitted): void {
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
      answered();
      next();
      this.#advance();
      onAnswered();
    };
    answer(frame, next).then(finish, finish);
  }
}
