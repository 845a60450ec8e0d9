import type { Asker } from '../../actors/accounts.ts';
import { Refused } from '../refusals.ts';

export type FairQueueOptions = {
  /** How much is done at once. */
  readonly runningMax: number;
  /** What may wait, of all clients and of one. */
  readonly waitingMax: number;
  readonly waitingPerClientMax: number;
  /** After how many ms a refused client may try again. */
  readonly retryAfterMs: number;
};

type Turn = {
  readonly asker: Asker;
  readonly begin: () => void;
  readonly refuse: (error: Refused) => void;
};

/**
 * Does a few things at once and lets the others wait, the clients by turns: who has much waiting waits longer, and
 * nobody else does. Refuses with `rate-limited` what is too much of one client. When the queue is full, the client
 * with the most waiting loses its newest with `unavailable`, and so does the newcomer if nobody has more. What waits
 * for a client that has gone is not done.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** What waits, by client, that whose turn is next first. No list is empty. */
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

  /** Takes the newest of the client that has the most waiting, or throws if none has more than the newcomer would. */
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

  /** Begins the first turn of a client that is still there; what else the client has waits behind all others. */
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
