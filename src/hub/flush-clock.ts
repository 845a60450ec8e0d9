import { monotonic } from '../runtime/clock.ts';
import { setImmediate, setTimeout } from '../runtime/timers.ts';
/** What can be flushed: it has something to send, or not. */
export type Flushable = { flush(): void };

/** The pause between flushes is at most this, in ms. */
const pauseMaxMs = 20;
/** How much longer than a flush the pause after it is, so that flushing leaves time for everything else. */
const pauseFactor = 2;

/**
 * Says when what has collected is sent: at once when little happens, and else in portions, so that what comes
 * within a pause shares one write per socket. The pause follows what flushing costs.
 */
export class FlushClock {
  readonly #marked = new Set<Flushable>();
  #scheduled = false;
  #notBefore = 0;

  /** Has something flushed soon. */
  mark(topic: Flushable): void {
    this.#marked.add(topic);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait = this.#notBefore - monotonic();
    if (wait > 1) setTimeout(this.#flush, wait);
    else setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const begin = monotonic();
    const marked = [...this.#marked];
    this.#marked.clear();
    for (const topic of marked) topic.flush();
    const end = monotonic();
    this.#notBefore = end + Math.min(pauseMaxMs, (end - begin) * pauseFactor);
  };
}
