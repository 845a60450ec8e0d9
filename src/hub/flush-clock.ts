import { monotonic } from '../runtime/clock.ts';
import { setImmediate, setTimeout } from '../runtime/timers.ts';

export type Flushable = { flush(): void };

/** The longest pause between flushes, in ms. */
const pauseMaxMs = 20;
/** The pause after a flush as a multiple of its duration, so that flushing leaves time for other work. */
const pauseFactor = 2;

/**
 * Schedules flushes: immediately under light load, otherwise in batches, so that events within a pause share one write
 * per socket. The pause follows the duration of the last flush.
 */
export class FlushClock {
  readonly #marked = new Set<Flushable>();
  #scheduled = false;
  #notBefore = 0;

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
