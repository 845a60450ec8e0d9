/** A map that keeps at least the `min` and at most twice `min` newest entries, and can be serialised. */
export class Recent<Value> {
  readonly #min: number;
  #young: Map<string, Value>;
  #old: Map<string, Value>;

  constructor(min: number, entries: Iterable<readonly [string, Value]> = []) {
    this.#min = min;
    const newest = [...entries].slice(-2 * min);
    const turn = newest.length - (newest.length % min);
    this.#old = new Map(newest.slice(Math.max(0, turn - min), turn));
    this.#young = new Map(newest.slice(turn));
  }

  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  /** Whether an entry is kept and will be after so many more were added, `min` at most. */
  keeps(key: string, more: number): boolean {
    return this.#young.has(key) || (this.#old.has(key) && this.#young.size + more < this.#min);
  }

  /** Adds an entry; returns whether a new generation starts with the next, and whether older ones were dropped. */
  set(key: string, value: Value): 'added' | 'turned' | 'forgot' {
    this.#young.set(key, value);
    if (this.#young.size < this.#min) return 'added';
    const forgets = this.#old.size > 0;
    this.#old = this.#young;
    this.#young = new Map();
    return forgets ? 'forgot' : 'turned';
  }

  /** Changes an entry in place; false if there is none. */
  replace(key: string, value: Value): boolean {
    const home = this.#young.has(key) ? this.#young : this.#old;
    if (!home.has(key)) return false;
    home.set(key, value);
    return true;
  }

  /** All entries, oldest first. */
  entries(): [string, Value][] {
    return [...this.#old, ...this.#young];
  }
}
