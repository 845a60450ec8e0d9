/** A map of the `max` most recently set entries: one more replaces the oldest, in O(1). */
export class Latest<Value> {
  readonly #max: number;
  readonly #entries = new Map<string, Value>();
  /** One iterator for all evictions: a new one would first step over all deleted entries, which is O(n). */
  readonly #oldest = this.#entries.keys();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets a value, which becomes the most recent. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    const { value: oldest } = this.#oldest.next();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
