import { Intake } from './intake.ts';
import type { EventLog, Recorded } from './log.ts';

/** A follower's log and partition, and the signal that ends it. */
type Follower = {
  readonly log: EventLog;
  readonly partition: number;
  readonly signal: AbortSignal;
};

/** From `after` to the end of the log, then live until the buffer overflows or the signal aborts. */
async function* followUntilOverflow(
  { log, partition, signal }: Follower,
  after: number,
): AsyncGenerator<readonly Recorded[], void, void> {
  const intake = new Intake();
  intake.open();
  const live = await log.live(partition, (recorded) => intake.push(recorded), {
    onStuck: () => intake.lose(),
  });
  const wake = () => intake.wake();
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
    while (!signal.aborted && !intake.overflowed) {
      await intake.arrival();
      const batch = intake.take().filter(({ seq }) => seq > at);
      if (batch.length > 0) yield batch;
    }
  } finally {
    signal.removeEventListener('abort', wake);
    live.stop();
  }
}

/**
 * Yields everything in a partition after `after`, without end: first what the log holds, then what is appended, each
 * commit once and in order. A reader that is slower than the writers falls back to reading the log, so memory is
 * bounded. Ends when the signal aborts; throws if the log cannot be read.
 */
export async function* follow(
  log: EventLog,
  { partition, after }: { readonly partition: number; readonly after: number },
  signal: AbortSignal,
): AsyncGenerator<readonly Recorded[], void, void> {
  let at = after;
  while (!signal.aborted) {
    for await (const batch of followUntilOverflow({ log, partition, signal }, at)) {
      at = batch.at(-1)?.seq ?? at;
      yield batch;
    }
  }
}
