import { Intake } from '../../events/intake.ts';
import type { EventLog, LiveSubscription, Recorded } from '../../events/log.ts';
import { CheckpointMoved } from '../../store/store.ts';
import { isolateFailure, isPassing } from './failure-isolation.ts';
import type { Progress } from './following.ts';
import { fromLog, readingLog } from './log-trouble.ts';
import { Pause } from './pause.ts';
import { type Plan, planOf } from './plan.ts';
import { asError, ProjectionError } from './projection-error.ts';
import type { Roster } from './roster.ts';
import type { Batch, Target } from './target.ts';
import { Waiters } from './waiters.ts';

/** A pause after the first failure, doubled with each one that follows, in ms. */
const pauseMs = 50;
const pauseMaxMs = 1_000;

export type FollowerOptions = {
  readonly partition: number;
  readonly log: EventLog;
  readonly target: Target;
  readonly roster: Roster;
  readonly onProgress: (progress: Progress) => void;
  /** Told whenever something has moved, at once. */
  readonly onMoved: () => void;
  /** Told of a member that cannot go on; removes it from the roster, and calls `leave` of all. */
  readonly onFailed: (error: ProjectionError) => void;
  readonly collectMs: number;
};

/**
 * Applies one partition to all members of the roster, in order. It goes in rounds: read the checkpoints, scan to the
 * end, then follow live. Whatever disturbs it (the store away, another runner, a queue that overflowed, a member that
 * joins or cannot go on) ends the round, and the next begins at the checkpoints: there is one way to start, to repair
 * and to catch up.
 */
export class Follower {
  readonly partition: number;
  readonly counters = { events: 0, batches: 0 };
  readonly #options: FollowerOptions;
  readonly #intake = new Intake();
  readonly #waiters = new Waiters();
  readonly #pause = new Pause();
  #checkpoints = new Map<string, number>();
  #course: Plan;
  #applied = 0;
  #state: Progress['state'] = 'catching-up';
  #error: Error | undefined;
  #head = 0;
  #failures = 0;
  #stopping = false;
  /** The roster has changed since the round began. */
  #isOutdated = false;
  /** The batch that is being stored, and what holds back the next. */
  #flight: Promise<void> | undefined;
  #held: Promise<void> | undefined;
  #begun: () => void = () => {};
  /** Resolves when the checkpoints are known, or the first attempt to read them has failed. */
  readonly begun = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.#course = planOf(this.partition, this.#checkpoints);
  }

  /** The place up to which everything is applied to all whose documents are read. */
  get applied(): number {
    return this.#applied;
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

  /** Where a member stands, as of now; undefined if that is not known. */
  placeOf(collection: string): number | undefined {
    return this.#checkpoints.get(collection);
  }

  /** A member has come: the next round begins with it. */
  joined(): void {
    this.#isOutdated = true;
    this.#intake.wake();
  }

  /** A member is gone: nothing is stored for it any more, and nobody waits for it. */
  leave(collection: string): void {
    this.#isOutdated = true;
    this.#intake.wake();
    if (this.#checkpoints.delete(collection)) this.#move();
  }

  /** Holds back the next batch until it is let go; resolves when the one in flight is stored. */
  async hold(): Promise<() => void> {
    let release = (): void => {};
    this.#held = new Promise((resolve) => {
      release = () => {
        this.#held = undefined;
        resolve();
      };
    });
    await this.#flight?.catch(() => undefined);
    return release;
  }

  /** Asks the loop to end after the batch in flight; `run` resolves then. */
  stop(): void {
    this.#stopping = true;
    this.#intake.wake();
    this.#pause.end();
  }

  /** Follows the log until `stop`, then resolves with nothing, or with what it failed on for good. */
  async run(): Promise<Error | undefined> {
    const { log } = this.#options;
    let live: LiveSubscription | undefined;
    let fault: Error | undefined;
    while (!(this.#stopping || fault)) {
      try {
        live ??= await fromLog(
          log.live(
            this.partition,
            (record) => this.#intake.push(record),
            () => this.#intake.lose(),
          ),
        );
        await this.#round();
      } catch (error) {
        fault = await this.#faultOf(error);
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

  /** Does what can be done about what ended a round; gives what nothing can be done about. */
  async #faultOf(error: unknown): Promise<Error | undefined> {
    const { roster, onFailed } = this.#options;
    if (error instanceof CheckpointMoved) return undefined;
    if (isPassing(error)) {
      await this.#sitOut(error);
      return undefined;
    }
    if (!(error instanceof ProjectionError)) return asError(error);
    onFailed(error);
    return roster.collections.length === 0 ? error : undefined;
  }

  async #round(): Promise<void> {
    this.#isOutdated = false;
    this.#enter('catching-up');
    await this.#options.target.prepare();
    await this.#locate();
    this.#intake.open();
    const { log } = this.#options;
    const options = { after: this.#course.from };
    for await (const records of readingLog(log.scan(this.partition, options))) {
      if (this.#isOver) return;
      await this.#apply(records);
    }
    while (!(this.#isOver || this.#intake.overflowed)) {
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

  /** Whether the round has to end. */
  get #isOver(): boolean {
    return this.#stopping || this.#isOutdated;
  }

  /** Lets more collect, so that a stream of events costs fewer writes; not while somebody waits for it. */
  async #collect(): Promise<void> {
    const { collectMs } = this.#options;
    if (collectMs === 0 || this.#waiters.waiting || this.#isOver) return;
    this.#waiters.onWait = () => this.#pause.end();
    await this.#pause.of(collectMs);
    this.#waiters.onWait = undefined;
  }

  async #locate(): Promise<void> {
    const { log, target, roster } = this.#options;
    const places: [string, number][] = [];
    for (const collection of roster.collections) {
      places.push([collection, await target.checkpoint(collection, this.partition)]);
    }
    this.#head = await fromLog(log.head(this.partition));
    this.#checkpoints = new Map(places.filter(([collection]) => roster.has(collection)));
    const furthest = Math.max(...this.#checkpoints.values());
    if (furthest > this.#head) {
      throw new Error(
        `the read models are at place ${furthest} of partition ${this.partition}, but the log ends at ` +
          `${this.#head}: it is another log, or was restored; drop the read models, they are rebuilt from it`,
      );
    }
    this.#move();
    this.#begun();
  }

  /** Applies records in batches, one in flight; those that are applied already are skipped. */
  async #apply(records: readonly Recorded[]): Promise<void> {
    for (let at = 0; at < records.length; ) {
      while (this.#held !== undefined) await this.#held;
      if (this.#isOver) return;
      const portion = this.#options.target.portion(records, at, this.#course);
      at = portion.next;
      if (portion.to === this.#course.from) continue;
      this.#flight = this.#store(portion);
      await this.#flight;
    }
  }

  async #store(portion: Batch): Promise<void> {
    const active = [...this.#course.active];
    try {
      await portion.store(active);
    } catch (error) {
      throw await isolateFailure(error, portion, active);
    }
    for (const name of active) {
      if (this.#checkpoints.has(name)) this.#checkpoints.set(name, portion.to);
    }
    this.counters.events += portion.events;
    this.counters.batches += 1;
    this.#mended();
    this.#move();
  }

  /** Goes by the checkpoints as they are now. */
  #move(): void {
    const { roster, onProgress, onMoved } = this.#options;
    this.#course = planOf(this.partition, this.#checkpoints);
    const read = [...this.#checkpoints].filter(([collection]) => roster.isSettled(collection));
    if (read.length > 0) this.#applied = Math.min(...read.map(([, place]) => place));
    this.#waiters.reach(this.#applied);
    onProgress(this.progress);
    onMoved();
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

  async #sitOut(error: Error): Promise<void> {
    this.#error = error;
    this.#options.onProgress(this.progress);
    this.#begun();
    const ms = Math.min(pauseMaxMs, pauseMs * 2 ** this.#failures);
    this.#failures += 1;
    if (!this.#stopping) await this.#pause.of(ms);
  }
}
