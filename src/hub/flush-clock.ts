import { busyTime, monotonic } from '../runtime/clock.ts';
import { setImmediate, setTimeout } from '../runtime/timers.ts';

export type Flushable = { flush(): void };

export type FlushClockOptions = {
  /** A monotonic clock, in ms. */
  readonly now?: () => number;
  /** How long the event loop has been busy, in ms. */
  readonly busy?: () => number;
};

/** The longest pause between flushes, in ms. */
const pauseMaxMs = 20;
/** The longest pause after a flush as a multiple of its duration, so that flushing leaves time for other work. */
const pauseFactor = 2;
/** The load of the event loop is measured over so many ms. */
const windowMs = 100;
/** Up to this load there is no pause; from the other on, the whole pause. */
const calmLoad = 0.6;
const fullLoad = 0.9;

/**
 * Schedules flushes: immediately while the event loop has time left, otherwise in batches, so that events within a
 * pause share one write per socket. The pause follows the duration of the last flush and the load.
 */
export class FlushClock {
  readonly #now: () => number;
  readonly #busy: () => number;
  readonly #marked = new Set<Flushable>();
  #scheduled = false;
  #notBefore = 0;
  #window: { readonly at: number; readonly busy: number };
  #load = 0;

  constructor({ now = monotonic, busy = busyTime }: FlushClockOptions = {}) {
    this.#now = now;
    this.#busy = busy;
    this.#window = { at: now(), busy: busy() };
  }

  mark(topic: Flushable): void {
    this.#marked.add(topic);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait = this.#notBefore - this.#now();
    if (wait > 1) setTimeout(this.#flush, wait);
    else setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const begin = this.#now();
    const marked = [...this.#marked];
    this.#marked.clear();
    for (const topic of marked) topic.flush();
    const end = this.#now();
    this.#notBefore = end + Math.min(pauseMaxMs, (end - begin) * pauseFactor) * this.#share(end);
  };

  /** The share of the longest pause that the load of the event loop calls for. */
  #share(now: number): number {
    const { at, busy } = this.#window;
    if (now - at >= windowMs) {
      const total = this.#busy();
      this.#load = (total - busy) / (now - at);
      this.#window = { at: now, busy: total };
    }
    return Math.min(1, Math.max(0, (this.#load - calmLoad) / (fullLoad - calmLoad)));
  }
}
