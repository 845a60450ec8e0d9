import type { Failure } from '../../store/state/runs.ts';

/** The projections of a runner, the same in all partitions; and those that have failed, and why. */
export class Roster {
  /** The name of the projection by the physical name of the collection. */
  readonly #members = new Map<string, string>();
  /** Those that are not settled: `applied` does not wait for them. */
  readonly #joining = new Set<string>();
  /** Those that are not read yet. */
  readonly #unread = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  /** The physical names, in the order in which they were added. */
  get collections(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** Those that are complete up to `applied`. */
  get settled(): readonly string[] {
    return this.collections.filter((collection) => this.isSettled(collection));
  }

  /** Those that are read. */
  get read(): readonly string[] {
    return this.collections.filter((collection) => !this.#unread.has(collection));
  }

  /** By the name of the projection. */
  get failures(): ReadonlyMap<string, Failure> {
    return this.#failures;
  }

  has(collection: string): boolean {
    return this.#members.has(collection);
  }

  /** Whether a projection, by its name, has a collection. */
  isMember(name: string): boolean {
    return [...this.#members.values()].includes(name);
  }

  /** Whether its checkpoint counts for `applied`. */
  isSettled(collection: string): boolean {
    return this.#members.has(collection) && !this.#joining.has(collection);
  }

  add(collection: string, name: string): void {
    this.#members.set(collection, name);
  }

  /** Adds one that counts once it is settled, and is not read. */
  join(collection: string, name: string): void {
    this.add(collection, name);
    this.#joining.add(collection);
    this.#unread.add(collection);
  }

  settle(collection: string): void {
    this.#joining.delete(collection);
  }

  /** Records that a collection is read from now on. */
  switchTo(collection: string): void {
    this.#unread.delete(collection);
    const name = this.#members.get(collection);
    if (name !== undefined) this.#failures.delete(name);
  }

  remove(collection: string): void {
    this.#members.delete(collection);
    this.#joining.delete(collection);
    this.#unread.delete(collection);
  }

  /** Removes the collections of a projection that has failed on another node, and returns them. */
  failElsewhere(name: string, failure: Failure): readonly string[] {
    this.#failures.set(name, failure);
    const failed = [...this.#members].flatMap(([collection, of]) =>
      of === name ? collection : [],
    );
    for (const collection of failed) this.remove(collection);
    return failed;
  }

  fail(collection: string, failure: Failure): void {
    const name = this.#members.get(collection);
    this.remove(collection);
    if (name !== undefined) this.#failures.set(name, failure);
  }
}
