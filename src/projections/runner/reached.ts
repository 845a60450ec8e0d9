import type { Progress } from './following.ts';
import { Waiters } from './waiters.ts';

export type ReachedOptions = {
  readonly partition: number;
  /** The newest position that has arrived here. */
  readonly newest: () => number;
  readonly onProgress: (progress: Progress) => void;
};

/** How far a partition is applied, as known here; callers wait for it. */
export class Reached {
  readonly waiters = new Waiters();
  readonly #options: ReachedOptions;
  #state: Progress['state'] = 'catching-up';
  #applied = 0;
  #head = 0;
  #error: Error | undefined;

  constructor(options: ReachedOptions) {
    this.#options = options;
  }

  /** Everything up to here is applied to all projections that are read. */
  get applied(): number {
    return this.#applied;
  }

  get head(): number {
    return this.#head;
  }

  get progress(): Progress {
    const { partition, newest } = this.#options;
    const head = Math.max(this.#head, newest(), this.#applied);
    const error = this.#error && { error: this.#error };
    return { partition, state: this.#state, applied: this.#applied, head, ...error };
  }

  /** The end of the log is known. */
  sees(head: number): void {
    this.#head = head;
  }

  /** Without a position only reports. */
  reach(applied = this.#applied): void {
    this.#applied = applied;
    this.waiters.reach(applied);
    this.#options.onProgress(this.progress);
  }

  enter(state: Progress['state']): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onProgress(this.progress);
  }

  /** What keeps the partition from being applied; undefined: nothing any more. */
  fails(error: Error | undefined): void {
    this.#error = error;
    if (error) this.#options.onProgress(this.progress);
  }

  /** What another node, which follows the partition, has announced. */
  hears({ state, applied, head }: Progress): void {
    this.#head = head;
    this.#error = undefined;
    this.enter(state);
    this.reach(applied);
  }
}
