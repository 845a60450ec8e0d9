import type { Resident } from './nodes.ts';

/** What runs on the node of a partition, as one. */
export const residents = (all: readonly Resident[]): Resident => ({
  assign(partition) {
    for (const each of all) each.assign(partition);
  },
  revoke: (partition) => Promise.all(all.map((each) => each.revoke(partition))),
});

/** Work that one node does for all. Starts it, and returns what stops it. */
export type Duty = () => Stop | Promise<Stop>;
type Stop = () => unknown;

/** The node that runs this partition does what one node does for all. */
const leading = 0;

/**
 * Does the duties on the node that leads. They are not waited for when another node takes over: each tolerates that two
 * nodes do it for a moment.
 */
export class Leader implements Resident {
  readonly #duties: Duty[] = [];
  readonly #onError: (error: Error) => void;
  #stops: Promise<readonly Stop[]> | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Adds a duty, before the first partition is assigned. */
  add(duty: Duty): void {
    this.#duties.push(duty);
  }

  /** Resolves when the duties are being done, if they are here. */
  async started(): Promise<void> {
    await this.#stops;
  }

  assign(partition: number): void {
    if (partition !== leading || this.#stops !== undefined) return;
    this.#stops = this.#ended.then(() =>
      Promise.all(this.#duties.map((duty) => this.#start(duty))),
    );
  }

  async revoke(partition: number): Promise<void> {
    if (partition === leading) void this.stop();
  }

  /** Resolves when none of the duties is done any more. */
  async stop(): Promise<void> {
    const stopping = this.#stops;
    this.#stops = undefined;
    if (stopping !== undefined) {
      this.#ended = stopping.then((stops) => Promise.all(stops.map((stop) => this.#stop(stop))));
    }
    await this.#ended;
  }

  async #start(duty: Duty): Promise<Stop> {
    try {
      return await duty();
    } catch (error) {
      this.#onError(error as Error);
      return () => undefined;
    }
  }

  async #stop(stop: Stop): Promise<void> {
    try {
      await stop();
    } catch (error) {
      this.#onError(error as Error);
    }
  }
}
