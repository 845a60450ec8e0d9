import { limits } from '../../app/limits/limits.ts';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';

/** Called when a read has been answered. */
export type Answered = () => void;

/**
 * Starts the requests after a read when it is answered or has taken too long, and without waiting while an earlier read
 * is late. So answers are in the order of the requests as long as nothing is slow.
 */
export class HeadStart {
  /** Late reads that are not answered yet. */
  #late = 0;

  /** Called when a read starts; `next` starts the following request. */
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
