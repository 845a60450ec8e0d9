import type { UserId } from '../../events/ids.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { Slices } from '../../runtime/slices.ts';
import { sleep } from '../../runtime/timers.ts';
import { Refused } from '../refusals.ts';
import { limits } from './limits.ts';
import { type Share, type Sharing, unshared } from './sharing.ts';

/** The source of a long read, and how it yields to others. */
export type Source = { readonly models: ReadModels; readonly turn: Turn };

/** Yields to other work; a long read calls it every few milliseconds. */
export type Turn = () => Promise<void>;

/** A running read. `leave` must be called exactly once, whatever the result. */
export type Read = { readonly turn: Turn; leave(): void };

export type ReadsOptions = {
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** Total working time of the event loop, in ms; waiting for a server does not count. */
  readonly worked: () => number;
  /** Whether reads have a budget; a user has one running read in any case. */
  readonly hasRate: boolean;
  /** Shares budgets with the other nodes; default: there are none. */
  readonly sharing?: Sharing;
};

type Reader = {
  /** The remaining budget in ms of work, as of `at`. */
  left: number;
  at: number;
  isReading: boolean;
  readonly waiting: (() => void)[];
};

/** Users whose budgets are kept. */
const readersMax = 50_000;

/**
 * Limits reads: a user has one running read over all connections and HTTP, pays for it with the working time of the
 * event loop (a share of it, if several reads run), and waits while the budget is overdrawn. All nodes pay from the same
 * budget. All reads together get one
 * slice of work per turn of the event loop, so that commands have priority however many read.
 */
export class Reads {
  readonly #options: ReadsOptions;
  readonly #slices = new Slices();
  readonly #readers = new Map<UserId, Reader>();
  /** Running reads, also those that wait for a server. */
  #underWay = 0;

  readonly #share: Share;

  constructor(options: ReadsOptions) {
    this.#options = options;
    const { hasRate, sharing = unshared } = options;
    const subtract = (user: string, ms: number): void => this.#payElsewhere(user as UserId, ms);
    const limit = { name: 'reads', burst: limits.readBurstMs, subtract };
    this.#share = (hasRate ? sharing : unshared)(limit);
  }

  /** Runs a read when it is the user's turn. Throws `Refused` if too many are waiting. */
  async run<Answer>(user: UserId, read: (turn: Turn) => Promise<Answer>): Promise<Answer> {
    const { turn, leave } = await this.enter(user);
    try {
      return await read(turn);
    } finally {
      leave();
    }
  }

  /** Begins a read when it is the user's turn. Throws `Refused` if too many are waiting. */
  async enter(user: UserId): Promise<Read> {
    const reader = this.#readerOf(user);
    if (reader.waiting.length >= limits.readsWaitingMax) {
      throw new Refused('rate-limited', { retryAfter: limits.readRetryMs });
    }
    if (reader.isReading) await new Promise<void>((resolve) => reader.waiting.push(resolve));
    reader.isReading = true;
    await this.#afford(reader);
    await this.#slices.turn();
    return this.#begin(user, reader);
  }

  #begin(user: UserId, reader: Reader): Read {
    const { worked } = this.#options;
    let began = 0;
    const resume = (): void => {
      began = worked();
      this.#underWay++;
    };
    const pay = (): void => {
      const cost = (worked() - began) / this.#underWay;
      reader.left -= cost;
      this.#share.took(user, cost);
      this.#underWay--;
    };
    resume();
    return {
      turn: async () => {
        pay();
        await this.#slices.turn();
        resume();
      },
      leave: () => {
        pay();
        const next = reader.waiting.shift();
        if (next) next();
        else reader.isReading = false;
      },
    };
  }

  #readerOf(user: UserId): Reader {
    const now = this.#options.now();
    const known = this.#readers.get(user);
    const reader = known ?? { left: limits.readBurstMs, at: now, isReading: false, waiting: [] };
    if (!known) this.#makeRoom();
    this.#readers.delete(user);
    this.#readers.set(user, reader);
    return reader;
  }

  /** Removes the least recently used entry, if there are too many. */
  #makeRoom(): void {
    if (this.#readers.size < readersMax) return;
    for (const [user, { isReading }] of this.#readers) {
      if (isReading) continue;
      this.#readers.delete(user);
      return;
    }
  }

  /** Pays for what a user read on another node, with one more budget at most. */
  #payElsewhere(user: UserId, ms: number): void {
    const reader = this.#readerOf(user);
    this.#refill(reader);
    reader.left = Math.max(Math.min(reader.left, -limits.readBurstMs), reader.left - ms);
  }

  /** Waits until a user's budget is no longer overdrawn. */
  async #afford(reader: Reader): Promise<void> {
    if (!this.#options.hasRate) return;
    this.#refill(reader);
    if (reader.left < 0) {
      const waitMs = (-reader.left / limits.readMsPerSecond) * 1000;
      await sleep(waitMs, { ref: false });
    }
  }

  #refill(reader: Reader): void {
    const now = this.#options.now();
    const gained = ((now - reader.at) / 1000) * limits.readMsPerSecond;
    reader.left = Math.min(limits.readBurstMs, reader.left + gained);
    reader.at = now;
  }
}
