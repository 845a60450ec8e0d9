import { clearTimeout, setTimeout } from '../runtime/timers.ts';
import type { Stamp } from './command.ts';
import { type Refusal, refusedForNow } from './decision.ts';
import { limits } from './limits.ts';

/** A command, and whether its caller has been answered. */
export type Pending<Command, Outcome> = {
  readonly command: Command;
  readonly isAnswered: boolean;
  /** Answers the caller; answers after the first are dropped. */
  answer(outcome: Outcome | Refusal): void;
};

/**
 * The commands that wait for one writer: bounded in number, and each answered within `limits.answerMs`. One that
 * times out is answered with `unavailable`: if it was decided, a repeat will tell; if not, it is dropped.
 */
export class Inbox<Command extends Stamp, Outcome> {
  #waiting: Pending<Command, Outcome>[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Adds a command and resolves with its answer. */
  put(command: Command): Promise<Outcome | Refusal> {
    if (this.size >= limits.inboxMax) return Promise.resolve(refusedForNow);
    return new Promise((resolve) => {
      let isAnswered = false;
      const answer = (outcome: Outcome | Refusal): void => {
        isAnswered = true;
        clearTimeout(late);
        resolve(outcome);
      };
      const late = setTimeout(() => answer(refusedForNow), limits.answerMs);
      this.#waiting.push({
        command,
        get isAnswered() {
          return isAnswered;
        },
        answer,
      });
    });
  }

  /** Removes and returns the oldest `max` commands; those that were answered meanwhile are dropped. */
  take(max: number): Pending<Command, Outcome>[] {
    return this.#waiting.splice(0, max).filter(({ isAnswered }) => !isAnswered);
  }

  /** Puts commands back to the front. */
  putBack(pending: readonly Pending<Command, Outcome>[]): void {
    this.#waiting.unshift(...pending);
  }

  has(pending: Pending<Command, Outcome>): boolean {
    return this.#waiting.includes(pending);
  }
}
