import { limits } from '../../app/limits/limits.ts';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';

/** Ends the head start of a read, which was answered. */
export type Answered = () => void;

/**
 * Lets the requests behind a read begin when it is answered, or when it has taken too long; and without any wait while a
 * read before them still takes too long. So answers come in the order of the requests as long as nothing is slow.
 */
export class HeadStart {
  /** Reads that have taken too long and are not answered. */
  #late = 0;

  /** A read begins; `next` lets the request behind it begin. */
  begin(next: () => void): Answered {
    if (this.#late > 0) {
      next();
      return () => undefined;
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#late++;
      next();
    }, limits.readHeadStartMs);
    return () => {
      clearTimeout(timer);
      if (isLate) this.#late--;
    };
  }
}
