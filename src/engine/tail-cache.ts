import type { Aggregate } from '../events/aggregate.ts';
import type { Tail } from '../events/log.ts';

/** The tails of recently used aggregates, `countMax` at most; the oldest are dropped. */
export class TailCache {
  readonly #tails = new Map<Aggregate, Tail>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get(aggregate: Aggregate): Tail | undefined {
    const tail = this.#tails.get(aggregate);
    if (tail) this.set(aggregate, tail);
    return tail;
  }

  set(aggregate: Aggregate, tail: Tail): void {
    this.#tails.delete(aggregate);
    this.#tails.set(aggregate, tail);
    if (this.#tails.size <= this.#countMax) return;
    for (const oldest of this.#tails.keys()) {
      this.#tails.delete(oldest);
      return;
    }
  }

  delete(aggregate: Aggregate): void {
    this.#tails.delete(aggregate);
  }

  clear(): void {
    this.#tails.clear();
  }
}
