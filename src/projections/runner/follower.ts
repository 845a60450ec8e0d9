import { CodecError } from '../../events/codec.ts';
import { Intake } from '../../events/intake.ts';
import type { EventLog, LiveSubscription, Recorded } from '../../events/log.ts';
import type { Progress } from '../runner.ts';
import { CheckpointMoved, type ReadStore, StoreUnavailable } from '../store.ts';
import { type Course, courseOf } from './course.ts';
import type { Translate } from './translation.ts';
import { Waiters } from './waiters.ts';

/** A pause after the first failure, doubled with each one that follows, in ms. */
const pauseMs = 50;
const pauseMaxMs = 5_000;

export type FollowerOptions = {
  readonly partition: number;
  readonly log: EventLog;
  readonly store: ReadStore;
  /** The physical names of the projections. */
  readonly names: readonly string[];
  readonly translate: Translate;
  /** Makes sure that the collections exist. */
  readonly prepare: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
  readonly collectMs: number;
};

/** The log could not be read just now. */
class LogTrouble extends Error {
  override readonly name = 'LogTrouble';
}

/**
 * Applies one partition to all projections, in order. It goes in rounds: read the checkpoints, scan to the
 * end, then follow live. Whatever disturbs it (the store away, another runner, a queue that overflowed) ends
 * the round, and the next begins at the checkpoints: there is one way to start, to repair and to catch up.
 */
export class Follower {
  readonly partition: number;
  readonly counters = { events: 0, batches: 0 };
  readonly #options: FollowerOptions;
  readonly #intake = new Intake();
  readonly #waiters = new Waiters();
  readonly #checkpoints = new Map<string, number>();
  #course: Course = { from: 0, until: Number.POSITIVE_INFINITY, active: new Set() };
  #state: Progress['state'] = 'catching-up';
  #error: Error | undefined;
  #head = 0;
  #failures = 0;
  #stopping = false;
  #endPause: (() => void) | undefined;
  #begun: () => void = () => {};
  /** Resolves when the checkpoints are known, or the first attempt to read them has failed. */
  readonly begun = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.partition = options.partition;
  }

  /** The place up to which everything is applied. */
  get applied(): number {
    return this.#course.from;
  }

  get progress(): Progress {
    const head = Math.max(this.#head, this.#intake.newest, this.applied);
    const { partition } = this;
    const progress: Progress = { partition, state: this.#state, applied: this.applied, head };
    return this.#error ? { ...progress, error: this.#error } : progress;
  }

  whenApplied(seq: number, timeoutMs: number): Promise<void> {
    return this.#waiters.wait(seq, timeoutMs);
  }

  /** Resolves when everything is applied that the log holds now. */
  async caughtUp(): Promise<void> {
    const head = await this.#options.log.head(this.partition);
    await this.#waiters.wait(head, Number.POSITIVE_INFINITY);
  }

  /** Asks the loop to end after the batch in flight; `run` resolves then. */
  stop(): void {
    this.#stopping = true;
    this.#intake.wake();
    this.#endPause?.();
  }

  /** Follows the log until `stop`, then resolves with nothing, or with what it failed on for good. */
  async run(): Promise<Error | undefined> {
    const { log } = this.#options;
    let live: LiveSubscription | undefined;
    let fault: Error | undefined;
    while (!(this.#stopping || fault)) {
      try {
        live ??= await fromLog(log.live(this.partition, (record) => this.#intake.push(record)));
        await this.#round();
      } catch (error) {
        if (isPassing(error)) await this.#pause(error);
        else if (!(error instanceof CheckpointMoved)) fault = asError(error);
      }
    }
    live?.stop();
    this.#error = fault;
    this.#enter(fault ? 'failed' : 'stopped');
    this.#waiters.close(
      fault ?? new Error('the read models are no longer followed: shutting down'),
    );
    this.#begun();
    return fault;
  }

  async #round(): Promise<void> {
    this.#enter('catching-up');
    await this.#options.prepare();
    await this.#locate();
    this.#intake.open();
    const { log } = this.#options;
    const options = { after: this.applied };
    for await (const records of readingLog(log.scan(this.partition, options))) {
      if (this.#stopping) return;
      await this.#apply(records);
    }
    while (!(this.#stopping || this.#intake.overflowed)) {
      const records = this.#intake.take();
      if (records.length > 0) {
        await this.#apply(records);
        await this.#collect();
      } else {
        this.#enter('live');
        await this.#intake.arrival();
      }
    }
  }

  /** Lets more collect, so that a stream of events costs fewer writes; not while somebody waits for it. */
  async #collect(): Promise<void> {
    const { collectMs } = this.#options;
    if (collectMs === 0 || this.#waiters.waiting || this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, collectMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiters.onWait = this.#endPause;
    });
    this.#waiters.onWait = undefined;
  }

  async #locate(): Promise<void> {
    const { log, store, names } = this.#options;
    for (const name of names) {
      this.#checkpoints.set(name, await store.checkpoint(name, this.partition));
    }
    this.#head = await fromLog(log.head(this.partition));
    const furthest = Math.max(...this.#checkpoints.values());
    if (furthest > this.#head) {
      throw new Error(
        `the read models are at place ${furthest} of partition ${this.partition}, but the log ends at ` +
          `${this.#head}: it is another log, or was restored; drop the read models, they are rebuilt from it`,
      );
    }
    this.#move(courseOf(this.#checkpoints));
    this.#begun();
  }

  /** Applies records in batches, one in flight; those that are applied already are skipped. */
  async #apply(records: readonly Recorded[]): Promise<void> {
    const { store, translate, partition } = this.#options;
    for (let at = 0; at < records.length && !this.#stopping; ) {
      const { from, until, active } = this.#course;
      const { writes, to, next, events } = translate(records, at, this.#course);
      at = next;
      if (to === from) continue;
      await store.apply({ projections: [...active], partition, from, to, writes });
      for (const name of active) this.#checkpoints.set(name, to);
      this.counters.events += events;
      this.counters.batches += 1;
      this.#mended();
      this.#move(to === until ? courseOf(this.#checkpoints) : { from: to, until, active });
    }
  }

  #move(course: Course): void {
    this.#course = course;
    this.#waiters.reach(course.from);
    this.#options.onProgress(this.progress);
  }

  #enter(state: Progress['state']): void {
    if (state === 'live') this.#mended();
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onProgress(this.progress);
  }

  #mended(): void {
    this.#failures = 0;
    this.#error = undefined;
  }

  async #pause(error: Error): Promise<void> {
    this.#error = error;
    this.#options.onProgress(this.progress);
    this.#begun();
    const ms = Math.min(pauseMaxMs, pauseMs * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether it is worth trying again: somebody else is away, and nothing is wrong with what is here. */
const isPassing = (error: unknown): error is Error =>
  error instanceof StoreUnavailable ||
  (error instanceof LogTrouble && !(error.cause instanceof CodecError));

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error), { cause: error });

const trouble = (cause: unknown): LogTrouble =>
  new LogTrouble(`the log cannot be read: ${asError(cause).message}`, { cause });

const fromLog = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (cause) {
    throw trouble(cause);
  }
};

/** The same batches; only what the log throws is marked as the log's. */
async function* readingLog(
  batches: AsyncIterable<readonly Recorded[]>,
): AsyncIterable<readonly Recorded[]> {
  try {
    yield* batches;
  } catch (cause) {
    throw trouble(cause);
  }
}
