import type { Msg, Subscription } from '@nats-io/transport-node';
import type { LiveOptions, LiveSubscription, Recorded } from '../../../events/log.ts';
import { clearInterval, setInterval, sleep } from '../../../runtime/timers.ts';
import { isLost } from './api.ts';
import type { Names, PartitionNames } from './family.ts';
import type { Link } from './link.ts';
import { scan } from './scan.ts';
import { headOf, recordedOf, type Stored } from './stored.ts';

export type FeedOptions = {
  readonly link: Link;
  readonly names: Names;
  readonly partition: PartitionNames;
  /**
   * How often the end of the log is compared with what has arrived, in ms: otherwise a lost last message stays
   * unnoticed.
   */
  readonly headCheckMs: number;
  /** Called with what keeps the feed from continuing; it retries. */
  readonly onFault: (error: Error) => void;
};

type Handler = {
  readonly handle: (recorded: Recorded) => void;
  readonly skips: LiveOptions['skips'];
};

/** Messages that wait while a gap is filled; beyond, they are read from the log as well. */
const heldMax = 4096;
const fillBatchBytes = 1024 * 1024;
const retryMs = 500;
const regainMsMax = 10_000;

/**
 * What one partition stores from now on, for all handlers of this process over one subscription. The server
 * republishes each stored message on core NATS, in order but at most once: sequence numbers have no gaps, so a
 * skipped one was lost, and is read from the log before anything after it is passed on.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #handlers = new Set<Handler>();
  #subscription: Subscription | undefined;
  /** Everything up to here was passed on, or existed before the feed. */
  #at = 0;
  /** The greatest known sequence number. */
  #seen = 0;
  #held: Stored[] = [];
  #isFilling = false;
  #filled: Promise<void> = Promise.resolve();
  #isOpen = false;
  #isClosed = false;
  #opening: Promise<void> | undefined;
  #check: NodeJS.Timeout | undefined;
  #forget = (): void => {};

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async add(
    handle: Handler['handle'],
    { skips }: Pick<LiveOptions, 'skips'> = {},
  ): Promise<LiveSubscription> {
    this.#opening ??= this.#open();
    await this.#opening;
    const own: Handler = { handle, skips };
    this.#handlers.add(own);
    return { after: this.#at, stop: () => this.#handlers.delete(own) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#handlers.clear();
    clearInterval(this.#check);
    this.#forget();
    this.#subscription?.unsubscribe();
    await this.#opening?.catch(() => {});
    await this.#filled;
  }

  async #open(): Promise<void> {
    const { link, partition, headCheckMs } = this.#options;
    try {
      this.#subscription = link.nc.subscribe(`${partition.live}>`, {
        callback: (error, message) => {
          if (error) this.#fault(error);
          else this.#takeSafely(message);
        },
      });
      await this.#subscribed();
      this.#at = await headOf(link, partition);
    } catch (error) {
      this.#subscription?.unsubscribe();
      this.#held = [];
      this.#opening = undefined;
      throw error;
    }
    this.#isOpen = true;
    this.#forget = link.onTurn((up) => {
      if (up) void this.#compare();
    });
    this.#check = setInterval(() => void this.#compare(), headCheckMs);
    this.#release();
    if (this.#at < this.#seen) this.#fill();
  }

  /** Only what is stored after the server knows the subscription is certain to arrive. */
  async #subscribed(): Promise<void> {
    const { link } = this.#options;
    for (;;) {
      try {
        await link.untilLost(link.nc.flush());
        return;
      } catch (error) {
        // The client resubscribes by itself after a reconnect.
        if (!isLost(error) || !(await link.regained(regainMsMax))) throw error;
      }
    }
  }

  #take(message: Msg): void {
    const seq = Number(message.headers?.get('Nats-Sequence'));
    if (!(seq > this.#at)) return;
    this.#seen = Math.max(this.#seen, seq);
    const subject = message.headers?.get('Nats-Subject') ?? '';
    const stored = { seq, subject, data: message.data };
    if (this.#isOpen && !this.#isFilling && seq === this.#at + 1) {
      this.#handOn(stored);
      return;
    }
    if (this.#held.length < heldMax) this.#held.push(stored);
    if (this.#isOpen) this.#fill();
  }

  #handOn(stored: Stored): void {
    const { names, partition } = this.#options;
    const { seq, subject } = stored;
    const aggregate = names.aggregateOf(subject, partition.subjects);
    const wanting = [...this.#handlers].filter(({ skips }) => !skips?.(aggregate, seq));
    if (wanting.length === 0) this.#at = seq;
    else this.#notify(recordedOf(names, partition.subjects, stored), wanting);
  }

  #notify(recorded: Recorded, handlers: Iterable<Handler> = this.#handlers): void {
    this.#at = recorded.seq;
    for (const { handle } of handlers) {
      try {
        handle(recorded);
      } catch (error) {
        // A handler that throws must not cost the others a commit.
        this.#fault(error);
      }
    }
  }

  #takeSafely(message: Msg): void {
    try {
      this.#take(message);
    } catch (error) {
      // A commit that cannot be read: nothing after it is passed on, and the next message triggers a retry.
      this.#fault(error);
    }
  }

  /** Passes on what was held and follows without a gap. */
  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const stored of held) {
      if (stored.seq === this.#at + 1) this.#handOn(stored);
    }
  }

  #fill(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    this.#filled = this.#fillAll();
  }

  async #fillAll(): Promise<void> {
    while (this.#at < this.#seen && !this.#isClosed) {
      try {
        await this.#fillOnce();
      } catch (error) {
        this.#fault(error);
        await sleep(retryMs);
        await this.#options.link.regained(this.#options.headCheckMs);
      }
    }
    // In the same turn as the last comparison: a message that arrives in between would be held permanently.
    this.#isFilling = false;
  }

  async #fillOnce(): Promise<void> {
    const { link, names, partition } = this.#options;
    const until = this.#seen;
    const query = { link, names, partition, until, batchBytes: fillBatchBytes };
    if (this.#handlers.size > 0) {
      for await (const batch of scan({ ...query, after: this.#at })) {
        if (this.#isClosed) return;
        for (const recorded of batch) this.#notify(recorded);
      }
    }
    // Positions at the end of the range may be empty, if messages were deleted.
    this.#at = Math.max(this.#at, until);
    this.#release();
  }

  async #compare(): Promise<void> {
    const { link, partition } = this.#options;
    if (!link.up || this.#isClosed) return;
    try {
      this.#seen = Math.max(this.#seen, await headOf(link, partition));
      if (this.#at < this.#seen) this.#fill();
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    if (this.#isClosed) return;
    this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
  }
}
