/** What a set is to be saved by: its changes since it was last saved, or all of it in place of what was saved. */
export type Unsaved = { readonly isWhole: boolean; readonly changes: readonly string[] };

/** The first character of a removal in a list of changes; any other change is an item that was added. */
const removal = '-';
/** Saved changes beyond twice the items of the set: a small set is not saved as a whole again and again. */
const superfluousMax = 4096;

/**
 * A set that knows its changes since it was last saved, so that saving a large one again costs as much as what was
 * changed. Items must not start with `-`.
 */
export class TrackedSet {
  readonly #items = new Set<string>();
  /** The changes since it was last saved; undefined: it was never saved, or as a whole it is shorter. */
  #changes: string[] | undefined;

  get size(): number {
    return this.#items.size;
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#items.values();
  }

  add(item: string): void {
    if (this.#items.has(item)) return;
    this.#items.add(item);
    this.#record(item);
  }

  delete(item: string): void {
    if (this.#items.delete(item)) this.#record(`${removal}${item}`);
  }

  clear(): void {
    this.#items.clear();
    this.#changes = undefined;
  }

  /** Applies changes that were saved, in their order. */
  restore(changes: readonly string[]): void {
    for (const change of changes) {
      if (change.startsWith(removal)) this.#items.delete(change.slice(removal.length));
      else this.#items.add(change);
    }
    this.#changes ??= [];
  }

  /**
   * Takes what is to be saved where so many changes are saved already; later changes are for the next time. All of it
   * once these are mostly superfluous: so the saved changes are at most about twice as many as the items, and each
   * change is saved about twice on average.
   */
  take(saved: number): Unsaved {
    const changes = this.#changes;
    this.#changes = [];
    const isWhole = !changes || saved + changes.length > 2 * this.size + superfluousMax;
    return { isWhole, changes: isWhole ? [...this.#items] : changes };
  }

  /** What was taken has not been saved: the next time it is all of it. */
  forgetSaved(): void {
    this.#changes = undefined;
  }

  #record(change: string): void {
    this.#changes?.push(change);
    // While nothing can be saved, the changes must not outgrow the set.
    if ((this.#changes?.length ?? 0) > this.size + superfluousMax) this.#changes = undefined;
  }
}
