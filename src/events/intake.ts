import type { Recorded } from './log.ts';

/** Live commits that are buffered, at most. */
const commitsMax = 4_096;
const bytesMax = 16 * 1024 * 1024;

/**
 * The bounded queue between the live log and its reader. When it overflows, it discards everything and accepts
 * nothing until it is opened again: the reader reads from the log what it lost.
 */
export class Intake {
  /** The sequence number of the newest commit that was pushed, kept or not. */
  newest = 0;
  #records: Recorded[] = [];
  #bytes = 0;
  #overflowed = true;
  #wake: (() => void) | undefined;
  #wanted = 1;

  /** Whether something was lost since it was opened. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Starts empty; the caller reads the log from then on, so that nothing is missed. */
  open(): void {
    this.#clear();
    this.#overflowed = false;
  }

  push(record: Recorded): void {
    this.newest = record.seq;
    if (this.#overflowed) return;
    this.#records.push(record);
    this.#bytes += record.size;
    if (this.#records.length > commitsMax || this.#bytes > bytesMax) this.lose();
    if (this.#records.length >= this.#wanted) this.wake();
  }

  /** Discards everything, as after an overflow. */
  lose(): void {
    this.#clear();
    this.#overflowed = true;
    this.wake();
  }

  take(): readonly Recorded[] {
    const records = this.#records;
    this.#clear();
    return records;
  }

  /** Resolves when it holds so many commits, when something was lost, or at the next `wake`. */
  arrival(count = 1): Promise<void> {
    if (this.#records.length >= count || this.#overflowed) return Promise.resolve();
    this.#wanted = count;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #clear(): void {
    this.#records = [];
    this.#bytes = 0;
  }
}
