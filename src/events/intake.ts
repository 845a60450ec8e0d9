import type { Recorded } from './log.ts';

/** What has arrived live waits here, at most this much of it. */
const commitsMax = 4_096;
const bytesMax = 16 * 1024 * 1024;

/**
 * The bounded queue between the live log and whoever reads it. When it overflows it forgets
 * everything and takes nothing more until it is opened again: what it lost is read from the log.
 */
export class Intake {
  /** The place of the newest commit that has arrived, kept or not. */
  newest = 0;
  #records: Recorded[] = [];
  #bytes = 0;
  #overflowed = true;
  #wake: (() => void) | undefined;

  /** Whether something was lost since it was opened. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Starts afresh; whoever calls this reads the log from now on, so that nothing falls between. */
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
    this.wake();
  }

  /** Forgets everything, as if too much had arrived. */
  lose(): void {
    this.#clear();
    this.#overflowed = true;
    this.wake();
  }

  /** Everything that has arrived, which is then no longer here. */
  take(): readonly Recorded[] {
    const records = this.#records;
    this.#clear();
    return records;
  }

  /** Resolves when something is here or lost, or at the next `wake`. */
  arrival(): Promise<void> {
    if (this.#records.length > 0 || this.#overflowed) return Promise.resolve();
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
