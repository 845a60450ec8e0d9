import type { Failure } from '../../store/state/runs.ts';

/** The projections of a runner, the same in all partitions; and those that have failed, and why. */
export class Roster {
  /** The name of the projection by the physical name of the collection. */
  readonly #members = new Map<string, string>();
  /** Those that are not read yet: `applied` does not wait for them. */
  readonly #joining = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  /** The physical names, in the order in which they were added. */
  get collections(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** By the name of the projection. */
  get failures(): ReadonlyMap<string, Failure> {
    return this.#failures;
  }

  has(collection: string): boolean {
    return this.#members.has(collection);
  }

  /** Whether its checkpoint counts for `applied`. */
  isSettled(collection: string): boolean {
    return this.#members.has(collection) && !this.#joining.has(collection);
  }

  add(collection: string, name: string): void {
    this.#members.set(collection, name);
  }

  /** Adds one that is not read until it is settled. */
  join(collection: string, name: string): void {
    this.#members.set(collection, name);
    this.#joining.add(collection);
  }

  settle(collection: string): void {
    this.#joining.delete(collection);
    const name = this.#members.get(collection);
    if (name !== undefined) this.#failures.delete(name);
  }

  remove(collection: string): void {
    this.#members.delete(collection);
    this.#joining.delete(collection);
  }

  fail(collection: string, failure: Failure): void {
    const name = this.#members.get(collection);
    this.remove(collection);
    if (name !== undefined) this.#failures.set(name, failure);
  }
}
