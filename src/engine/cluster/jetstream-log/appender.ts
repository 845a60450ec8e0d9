import { clearTimeout, nextIteration, setTimeout } from '../../../runtime/timers.ts';
import { type Entry, failureOf, stalledRemedy } from './entry.ts';
import { Round, type RoundOptions } from './round.ts';

/** A batch may have 1,000 messages; some room is left. */
const roundEntriesMax = 900;
const roundBytesMax = 8 * 1024 * 1024;

/** If more bytes are waiting, appends are refused. */
const queuedBytesMax = 64 * 1024 * 1024;

/** A stalled partition is tried again after so many ms, with one round. */
const retryMs = 5_000;

/**
 * Appends to one partition. Entries that are ready at the same moment, or arrive while a round is in flight, go
 * together in the next round and share one sync. One round at a time, so that the order of calls is the order in the
 * log, whatever is refused or lost.
 */
export class Appender {
  readonly #options: RoundOptions;
  #queue: Entry[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;
  #takesBatches = true;
  #closed = false;
  readonly #forget: () => void;
  #flow: Flow = 'flows';
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#forget = options.link.onTurn((up) => {
      // Another server, or an upgraded one, may support batches.
      if (up) this.#takesBatches = true;
      else this.#refuseAll({ detail: 'the connection is lost' });
      // Another server, or a restarted one, may store again.
      this.#turn('flows');
    });
  }

  /** Accepts the entry; it is settled once. */
  append(entry: Entry): void {
    const why = this.#refusal();
    if (why) {
      entry.failed(failureOf('unavailable', entry, why));
      return;
    }
    this.#queue.push(entry);
    this.#queuedBytes += entry.bytes.length;
    this.#running ??= this.#run();
  }

  /** Resolves when all accepted entries have settled; no more are accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#forget();
    clearTimeout(this.#retry);
  }

  /** Why nothing is accepted at the moment. */
  #refusal(): Why | undefined {
    if (this.#closed) return { detail: 'it is closed' };
    if (!this.#options.link.up) return { detail: 'not connected' };
    if (this.#queuedBytes > queuedBytesMax) return { detail: 'too much waits' };
    const isTried = this.#flow === 'trying' && !this.#running;
    return this.#flow === 'flows' || isTried ? undefined : stalled;
  }

  #turn(flow: Flow): void {
    this.#flow = flow;
    clearTimeout(this.#retry);
    if (flow === 'stalled') this.#retry = setTimeout(() => this.#turn('trying'), retryMs).unref();
  }

  async #run(): Promise<void> {
    // Entries of the same turn of the event loop share the round.
    await nextIteration();
    while (this.#queue.length > 0) {
      const round = new Round(this.#options, this.#next());
      const { batches, isStalled } = await round.run(this.#takesBatches);
      if (!batches) this.#takesBatches = false;
      this.#turn(isStalled ? 'stalled' : 'flows');
      if (isStalled) this.#refuseAll(stalled);
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
  #refuseAll(why: Why): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const entry of queue) entry.failed(failureOf('unavailable', entry, why));
  }
}

/** Whether a partition stores what it is sent; `trying`: one round tests whether it does again. */
type Flow = 'flows' | 'stalled' | 'trying';

type Why = NonNullable<Parameters<typeof failureOf>[2]>;

const stalled: Why = { detail: 'it stores nothing', remedy: stalledRemedy };
