import type { Failure } from '../../store/state/runs.ts';
import type { Follower } from './follower.ts';
import type { Progress, SharedProgress } from './following.ts';
import type { Roster } from './roster.ts';
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

  failures(): ReadonlyMap<string, Failure> {
    const { roster } = this.#options;
    return new Map([...roster.failures].filter(([name]) => !roster.isMember(name)));
  }

  listen(onChange: (partition?: number) => void): void {
    this.#onChange = onChange;
  }

  heard(progress: Progress): void {
    this.#options.followers[progress.partition]?.heard(progress);
  }

  failed(name: string, failure: Failure): void {
    const { roster, followers, onError } = this.#options;
    if (roster.failures.has(name)) return;
    for (const collection of roster.failElsewhere(name, failure)) {
      for (const follower of followers) follower.leave(collection);
    }
    onError?.(new Error(`the read model ${name} has stopped on another node: ${failure.message}`));
    this.notify();
  }

  changed(): void {
    this.#options.moved.fire();
  }
}
