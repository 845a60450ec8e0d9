import type { Reset, StreamEvent } from './frames.ts';
import type { Handlers } from './subscription.ts';

/** What a subscription delivers. */
export type Item =
  | { readonly t: 'event'; readonly event: StreamEvent }
  | { readonly t: 'reset'; readonly reset: Reset }
  | { readonly t: 'live'; readonly n: number }
  | { readonly t: 'end'; readonly code: string };

type Source = { pause(): void; resume(): void; close(): void };

/** When this many items are queued for a slow reader, the source pauses until all of them are read. */
const queuedMax = 4_096;

/** Turns a subscription's handlers into an async iterator, for one reader. */
export class Items implements AsyncIterableIterator<Item> {
  readonly handlers: Handlers = {
    event: (event) => this.#add({ t: 'event', event }),
    reset: (reset) => this.#add({ t: 'reset', reset }),
    live: (n) => this.#add({ t: 'live', n }),
    end: (code) => this.#add({ t: 'end', code }),
  };
  #queue: Item[] = [];
  #isOver = false;
  #reader: ((result: IteratorResult<Item>) => void) | undefined;
  readonly #source: () => Source;

  constructor(source: () => Source) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item>> {
    const item = this.#queue.shift();
    if (item) {
      if (this.#queue.length === 0) this.#source().resume();
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Ends the subscription, like leaving the loop. */
  return(): Promise<IteratorResult<Item>> {
    this.#source().close();
    this.#queue = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  #add(item: Item): void {
    if (item.t === 'end') this.#isOver = true;
    if (this.#reader) {
      this.#reader({ done: false, value: item });
      this.#reader = undefined;
      return;
    }
    this.#queue.push(item);
    if (this.#queue.length >= queuedMax) this.#source().pause();
  }
}
