import { type Entry, failureOf } from './entry.ts';
import { Round, type RoundOptions } from './round.ts';

/** A batch may have 1,000 messages; some room is left. */
const roundEntriesMax = 900;
const roundBytesMax = 8 * 1024 * 1024;

/** Beyond so many bytes that wait, appends are refused. */
const queuedBytesMax = 64 * 1024 * 1024;

/**
 * Appends to one partition. What is ready at the same moment, or comes while a round is on its way, goes
 * together in the next round and shares one sync. One round at a time, so that order of calls is order in the
 * log, whatever is refused or lost on the way.
 */
export class Appender {
  readonly #options: RoundOptions;
  #queue: Entry[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;
  #takesBatches = true;
  #closed = false;
  readonly #forget: () => void;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#forget = options.link.onTurn((up) => {
      // Another server, or the same after an upgrade, may know batches.
      if (up) this.#takesBatches = true;
      else this.#refuseAll();
    });
  }

  /** Takes the entry; it is settled once. */
  append(entry: Entry): void {
    const isFull = this.#queuedBytes > queuedBytesMax;
    if (this.#closed || isFull || !this.#options.link.up) {
      const why = this.#closed ? 'it is closed' : isFull ? 'too much waits' : 'not connected';
      entry.failed(failureOf('unavailable', entry, why));
      return;
    }
    this.#queue.push(entry);
    this.#queuedBytes += entry.bytes.length;
    this.#running ??= this.#run();
  }

  /** Resolves when all that was taken is settled; nothing is taken any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#forget();
  }

  async #run(): Promise<void> {
    // Whoever is ready in this turn of the event loop shares the round.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const round = new Round(this.#options, this.#next());
      const { batches } = await round.run(this.#takesBatches);
      if (!batches) this.#takesBatches = false;
    }
    this.#running = undefined;
  }

  #next(): readonly Entry[] {
    let bytes = 0;
    let count = 0;
    for (const entry of this.#queue) {
      if (count === roundEntriesMax || (count > 0 && bytes + entry.bytes.length > roundBytesMax))
        break;
      bytes += entry.bytes.length;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** What waits was not sent: its callers need not wait for the connection. */
  #refuseAll(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const entry of queue)
      entry.failed(failureOf('unavailable', entry, 'the connection is lost'));
  }
}
