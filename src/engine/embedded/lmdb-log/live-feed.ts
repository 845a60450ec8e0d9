import type { LiveSubscription, Recorded } from '../../../events/log.ts';
import { setImmediate } from '../../../runtime/timers.ts';

type Handler = (recorded: Recorded) => void;

/** Passes the durable commits of one partition, in order, to all subscribers. */
export class LiveFeed {
  /** The position of the last commit that was passed on. */
  head: number;
  readonly #subscribers = new Set<{ readonly handler: Handler }>();

  constructor(head: number) {
    this.head = head;
  }

  subscribe(handler: Handler): LiveSubscription {
    const subscriber = { handler };
    this.#subscribers.add(subscriber);
    return { after: this.head, stop: () => this.#subscribers.delete(subscriber) };
  }

  /** A subscriber that is added within a handler gets what comes after this commit. */
  publish(recorded: Recorded): void {
    this.head = recorded.seq;
    for (const subscriber of [...this.#subscribers]) {
      if (!this.#subscribers.has(subscriber)) continue;
      try {
        subscriber.handler(recorded);
      } catch (error) {
        rethrowLater(error);
      }
    }
  }
}

/** A handler that throws is a bug, but the other subscribers and appends go on. */
const rethrowLater = (error: unknown): void => {
  setImmediate(() => {
    throw error;
  });
};
