import { clearTimeout, setTimeout } from '../runtime/timers.ts';
import type { Stamp } from './command.ts';
import { type Refusal, refusedForNow } from './decision.ts';
import { limits } from './limits.ts';

/** A command that was asked, and whether its caller has been answered. */
export type Asked<Command, Outcome> = {
  readonly command: Command;
  readonly isAnswered: boolean;
  /** Answers the caller; what comes later than the first answer is dropped. */
  answer(outcome: Outcome | Refusal): void;
};

/**
 * The commands that wait for one writer: bounded in number, and each answered within `limits.answerMs`. A command that
 * is answered by then because nothing else can be said is `unavailable`: if it was decided, a repeat finds that out; if
 * not, it is dropped.
 */
export class Inbox<Command extends Stamp, Outcome> {
  #waiting: Asked<Command, Outcome>[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Takes a command in and resolves with its answer. */
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

  /** The oldest commands that still wait for an answer, at most so many. */
  take(max: number): Asked<Command, Outcome>[] {
    return this.#waiting.splice(0, max).filter(({ isAnswered }) => !isAnswered);
  }

  /** Puts commands back in front of all others. */
  putBack(asked: readonly Asked<Command, Outcome>[]): void {
    this.#waiting.unshift(...asked);
  }

  has(asked: Asked<Command, Outcome>): boolean {
    return this.#waiting.includes(asked);
  }
}
