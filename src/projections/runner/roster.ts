import type { Failure } from '../../store/state/runs.ts';

/** A collection that could not be filled further, and the name of its projection. */
export type Failed = {
  readonly name: string;
  readonly collection: string;
  readonly failure: Failure;
};

/** The projections of a runner, the same in all partitions; and those that have failed, and why. */
export class Roster {
  /** The name of the projection by the physical name of the collection. */
  readonly #members = new Map<string, string>();
  /** Those that are not settled: `applied` does not wait for them. */
  readonly #joining = new Set<string>();
  /** Those that are not read yet. */
  readonly #unread = new Set<string>();
  readonly #failures = new Map<string, Failure>();
  /** Those that have failed, by collection. */
  readonly #failed = new Map<string, Failed>();

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

  /** The projections that are read no more, by name. */
  get failures(): ReadonlyMap<string, Failure> {
    return this.#failures;
  }

  /** The collections that are filled no more, until another one of the same projection is read. */
  get failed(): readonly Failed[] {
    return [...this.#failed.values()];
  }

  nameOf(collection: string): string | undefined {
    return this.#members.get(collection);
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
    if (name === undefined) return;
    this.#failures.delete(name);
    for (const failed of this.failed) {
      if (failed.name === name) this.#failed.delete(failed.collection);
    }
  }

  remove(collection: string): void {
    this.#members.delete(collection);
    this.#joining.delete(collection);
    this.#unread.delete(collection);
  }

  /** Removes a collection that cannot be filled further; the projection is read no more if it was the last one. */
  fail(failed: Failed): void {
    const { name, collection, failure } = failed;
    this.remove(collection);
    this.#failed.set(collection, failed);
    if (!this.isMember(name)) this.#failures.set(name, failure);
  }
}
