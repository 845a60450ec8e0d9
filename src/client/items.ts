import type { Reset, StreamEvent } from './frames.ts';
import type { Handlers } from './subscription.ts';

/** What a subscription tells, one after the other. */
export type Item =
  | { readonly t: 'event'; readonly event: StreamEvent }
  | { readonly t: 'reset'; readonly reset: Reset }
  | { readonly t: 'live'; readonly n: number }
  | { readonly t: 'end'; readonly code: string };

/** What the items come from. */
type Source = { pause(): void; resume(): void; close(): void };

/** As many items wait for a slow reader; then the source pauses, until all of them are read. */
const waitingMax = 4_096;

/** Turns a subscription's handlers into something to read with `for await`, by one reader. */
export class Items implements AsyncIterableIterator<Item> {
  readonly handlers: Handlers = {
    event: (event) => this.#add({ t: 'event', event }),
    reset: (reset) => this.#add({ t: 'reset', reset }),
    live: (n) => this.#add({ t: 'live', n }),
    end: (code) => this.#add({ t: 'end', code }),
  };
  #waiting: Item[] = [];
  #isOver = false;
  #wanted: ((result: IteratorResult<Item>) => void) | undefined;
  readonly #source: () => Source;

  constructor(source: () => Source) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item>> {
    const item = this.#waiting.shift();
    if (item) {
      if (this.#waiting.length === 0) this.#source().resume();
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  /** Ends the subscription, as leaving the loop does. */
  return(): Promise<IteratorResult<Item>> {
    this.#source().close();
    this.#waiting = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  #add(item: Item): void {
    if (item.t === 'end') this.#isOver = true;
    if (this.#wanted) {
      this.#wanted({ done: false, value: item });
      this.#wanted = undefined;
      return;
    }
    this.#waiting.push(item);
    if (this.#waiting.length >= waitingMax) this.#source().pause();
  }
}
