import type { Failure } from '../../store/state/runs.ts';

/** Who takes part in a runner, in all partitions alike; and who does no more, and why. */
export class Roster {
  /** By the physical name of the collection the name of the projection. */
  readonly #members = new Map<string, string>();
  /** Those that nobody reads yet: how far the others have come does not wait for them. */
  readonly #joining = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  /** The physical names, in the order in which they came. */
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

  /** Whether what it shows counts as applied. */
  isSettled(collection: string): boolean {
    return this.#members.has(collection) && !this.#joining.has(collection);
  }

  add(collection: string, name: string): void {
    this.#members.set(collection, name);
  }

  /** Takes one in that nobody reads until it is settled. */
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

  /** Leaves one out that cannot go on. */
  fail(collection: string, failure: Failure): void {
    const name = this.#members.get(collection);
    this.remove(collection);
    if (name !== undefined) this.#failures.set(name, failure);
  }
}
