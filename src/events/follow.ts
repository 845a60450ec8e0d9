import type { EventLog, Recorded } from './log.ts';

/** Commits that are kept while their reader is busy; beyond, they are read from the log again. */
const bufferedCommitsMax = 4096;
const bufferedBytesMax = 16 * 1024 * 1024;

/** What came live and was not read yet, within bounds. */
class LiveBuffer {
  overflowed = false;
  #commits: Recorded[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;

  push(recorded: Recorded): void {
    if (this.overflowed) return;
    this.#commits.push(recorded);
    this.#bytes += recorded.size;
    if (this.#commits.length > bufferedCommitsMax || this.#bytes > bufferedBytesMax) {
      this.overflowed = true;
      this.#commits = [];
    }
    this.wake();
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** All that has come; waits if that is nothing, unless the signal ends the wait. */
  async take(signal: AbortSignal): Promise<readonly Recorded[]> {
    if (this.#commits.length === 0 && !this.overflowed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const commits = this.#commits;
    this.#commits = [];
    this.#bytes = 0;
    return commits;
  }
}

/** Where a follower is, and what ends it. */
type Follower = {
  readonly log: EventLog;
  readonly partition: number;
  readonly signal: AbortSignal;
};

/** From `after` to the end of the log, then live until the buffer overflows or the signal aborts. */
async function* stretch(
  { log, partition, signal }: Follower,
  after: number,
): AsyncGenerator<readonly Recorded[], void, void> {
  const buffer = new LiveBuffer();
  const live = await log.live(partition, (recorded) => buffer.push(recorded));
  const wake = () => buffer.wake();
  signal.addEventListener('abort', wake);
  try {
    let at = after;
    if (at < live.after) {
      for await (const batch of log.scan(partition, { after })) {
        at = batch.at(-1)?.seq ?? at;
        yield batch;
        if (signal.aborted) return;
      }
    }
    while (!signal.aborted && !buffer.overflowed) {
      const batch = (await buffer.take(signal)).filter(({ seq }) => seq > at);
      if (batch.length > 0) yield batch;
    }
  } finally {
    signal.removeEventListener('abort', wake);
    live.stop();
  }
}

/**
 * Everything in a partition after `after`, for ever: first what stands in the log, then what is appended, each
 * commit once and in order. A reader that is slower than the writers falls back to reading the log, so it costs
 * bounded memory. Ends when the signal aborts; throws what keeps the log from being read.
 */
export async function* follow(
  log: EventLog,
  { partition, after }: { readonly partition: number; readonly after: number },
  signal: AbortSignal,
): AsyncGenerator<readonly Recorded[], void, void> {
  let at = after;
  while (!signal.aborted) {
    for await (const batch of stretch({ log, partition, signal }, at)) {
      at = batch.at(-1)?.seq ?? at;
      yield batch;
    }
  }
}
