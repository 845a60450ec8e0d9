import type { Follower } from './follower.ts';
import type { Progress, SharedProgress } from './following.ts';
import type { Failed, Roster } from './roster.ts';
import type { Signal } from './signal.ts';

export type SharedOptions = {
  readonly roster: Roster;
  readonly followers: readonly Follower[];
  readonly moved: Signal;
  readonly onError: ((error: Error) => void) | undefined;
};

/** What a runner shares with other nodes. */
export class Shared implements SharedProgress {
  readonly #options: SharedOptions;
  #onChange: (partition?: number) => void = () => undefined;

  constructor(options: SharedOptions) {
    this.#options = options;
  }

  /** A partition has moved here; without one, the collections have changed. */
  notify(partition?: number): void {
    this.#options.moved.fire();
    if (partition === undefined || this.isFollowed(partition)) this.#onChange(partition);
  }

  isFollowed(partition: number): boolean {
    return this.#options.followers[partition]?.isLocated ?? false;
  }

  progressOf(partition: number): Progress | undefined {
    return this.#options.followers[partition]?.progress;
  }

  get partitions(): number {
    return this.#options.followers.length;
  }

  complete(): readonly string[] {
    return this.#options.roster.settled;
  }

  read(): readonly string[] {
    return this.#options.roster.read;
  }

  failed(): readonly Failed[] {
    return this.#options.roster.failed;
  }

  listen(onChange: (partition?: number) => void): void {
    this.#onChange = onChange;
  }

  heard(progress: Progress): void {
    this.#options.followers[progress.partition]?.heard(progress);
  }

  failElsewhere(failed: Failed): void {
    const { roster, followers, onError } = this.#options;
    const { name, collection, failure } = failed;
    const isFilled = roster.has(collection);
    // Another collection of the projection is filled here: one that was rebuilt since.
    const isOld = !isFilled && roster.isMember(name);
    if (isOld || roster.failed.some((known) => known.collection === collection)) return;
    roster.fail(failed);
    for (const follower of followers) follower.leave(collection);
    onError?.(new Error(`${collection} is filled no more by another node: ${failure.message}`));
    this.notify();
  }

  changed(): void {
    this.#options.moved.fire();
  }
}
