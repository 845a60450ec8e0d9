import type { Asker } from '../../actors/accounts.ts';
import { Refused } from '../refusals.ts';

export type FairQueueOptions = {
  /** Concurrent work. */
  readonly runningMax: number;
  /** Waiting work, in total and per client. */
  readonly waitingMax: number;
  readonly waitingPerClientMax: number;
  /** After how many ms a refused client may retry. */
  readonly retryAfterMs: number;
};

type Turn = {
  readonly asker: Asker;
  readonly begin: () => void;
  readonly refuse: (error: Refused) => void;
};

/**
 * Runs a bounded number of tasks at once and queues the others, alternating between clients: a client with many waiting
 * tasks delays nobody else. Refuses a client with too many with `rate-limited`. When the queue is full, the client with
 * the most waiting tasks loses its newest with `unavailable`, or the new one is refused if no client has more. Tasks of
 * disconnected clients are not run.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** Waiting tasks by client, in the order of the clients' turns. No list is empty. */
  readonly #waiting = new Map<string, Turn[]>();
  #count = 0;
  #running = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  async run<T>(asker: Asker, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.runningMax) this.#running++;
    else await this.#wait(asker);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #wait(asker: Asker): Promise<void> {
    const { waitingMax, waitingPerClientMax, retryAfterMs: retryAfter } = this.#options;
    const mine = this.#waiting.get(asker.client) ?? [];
    if (mine.length >= waitingPerClientMax) throw new Refused('rate-limited', { retryAfter });
    if (this.#count >= waitingMax) this.#makeRoom(mine.length + 1);
    return new Promise((begin, refuse) => {
      mine.push({ asker, begin, refuse });
      this.#waiting.set(asker.client, mine);
      this.#count++;
    });
  }

  /**
   * Removes the newest task of the client with the most, or throws if none has more than the new one's client would.
   */
  #makeRoom(newcomers: number): void {
    const [client, most = []] = [...this.#waiting].reduce((a, b) =>
      b[1].length > a[1].length ? b : a,
    );
    const full = new Refused('unavailable', { retryAfter: this.#options.retryAfterMs });
    if (most.length <= newcomers) throw full;
    most.pop()?.refuse(full);
    this.#count--;
    if (most.length === 0) this.#waiting.delete(client);
  }

  /** Begins the first task of the next connected client; the client's other tasks go to the end. */
  #next(): void {
    for (const [client, turns] of this.#waiting) {
      this.#waiting.delete(client);
      const turn = turns.shift();
      if (turns.length > 0) this.#waiting.set(client, turns);
      if (!turn) continue;
      this.#count--;
      if (turn.asker.isGone()) {
        turn.refuse(new Refused('unavailable', { retryAfter: this.#options.retryAfterMs }));
        continue;
      }
      this.#running++;
      turn.begin();
      return;
    }
  }
}
