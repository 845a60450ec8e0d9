import { sleep } from '../runtime/timers.ts';
import type { Resident } from './nodes.ts';

/** What runs on the node of a partition, as one. */
export const residents = (all: readonly Resident[]): Resident => ({
  assign(partition) {
    for (const each of all) each.assign(partition);
  },
  revoke: (partition) => Promise.all(all.map((each) => each.revoke(partition))),
});

/** Work that one node does for all. Starts it, and returns what stops it; retried if it rejects. */
export type Duty = () => Stop | Promise<Stop>;
type Stop = () => unknown;

/** The node that runs this partition does what one node does for all. */
const leading = 0;
const retryMs = 5000;

/** The duties of this node while it leads. */
type Term = { readonly ending: AbortController; readonly stops: Promise<Stop>[] };

/**
 * Does the duties on the node that leads. Another node that takes over does not wait until they have stopped: each
 * tolerates that two nodes do it for a moment.
 */
export class Leader implements Resident {
  readonly #duties: Duty[] = [];
  readonly #onError: (error: Error) => void;
  #term: Term | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  add(duty: Duty): void {
    this.#duties.push(duty);
    this.#term?.stops.push(this.#start(duty, this.#term.ending.signal));
  }

  assign(partition: number): void {
    if (partition !== leading || this.#term) return;
    const ending = new AbortController();
    const stops = this.#duties.map((duty) => this.#start(duty, ending.signal));
    this.#term = { ending, stops };
  }

  async revoke(partition: number): Promise<void> {
    if (partition === leading) void this.stop();
  }

  /** Resolves when the duties are being done, if they are here. */
  async started(): Promise<void> {
    await Promise.all(this.#term?.stops ?? []);
  }

  /** Resolves when none of the duties is done any more. */
  async stop(): Promise<void> {
    const term = this.#term;
    this.#term = undefined;
    term?.ending.abort();
    const stopping = term?.stops.map((stop) => stop.then((run) => run())) ?? [];
    const reported = stopping.map((each) => each.catch(this.#onError));
    this.#ended = Promise.all([this.#ended, ...reported]);
    await this.#ended;
  }

  /** Waits for what has not stopped yet, and retries. */
  async #start(duty: Duty, signal: AbortSignal): Promise<Stop> {
    await this.#ended;
    while (!signal.aborted) {
      try {
        return await duty();
      } catch (error) {
        this.#onError(error as Error);
        await sleep(retryMs, { signal, ref: false }).catch(() => undefined);
      }
    }
    return () => undefined;
  }
}
