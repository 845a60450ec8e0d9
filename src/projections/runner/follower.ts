import { Intake } from '../../events/intake.ts';
import type { EventLog, LiveSubscription, Recorded } from '../../events/log.ts';
import { CheckpointMoved } from '../../store/store.ts';
import { Assignment } from './assignment.ts';
import { collect } from './collecting.ts';
import { isolateFailure, isPassing } from './failure-isolation.ts';
import type { Progress } from './following.ts';
import { Hold } from './hold.ts';
import { fromLog, readingLog } from './log-trouble.ts';
import { Pause } from './pause.ts';
import { checkWithinLog, type Plan, planOf } from './plan.ts';
import { asError, ProjectionError } from './projection-error.ts';
import { Reached } from './reached.ts';
import type { Roster } from './roster.ts';
import type { Batch, Target } from './target.ts';

export type FollowerOptions = {
  readonly partition: number;
  readonly log: EventLog;
  readonly target: Target;
  readonly roster: Roster;
  readonly onProgress: (progress: Progress) => void;
  /** Called whenever a checkpoint has moved. */
  readonly onMoved: (partition: number) => void;
  /** Called with a projection that cannot go on; removes it from the roster, and calls `leave` of all. */
  readonly onFailed: (error: ProjectionError) => void;
  readonly collectMs: number;
  /** Whether the partition is assigned at first. */
  readonly isAssigned: boolean;
};

/**
 * Applies one partition to all projections of the roster, in order. It works in rounds: read the checkpoints, scan to
 * the end, then follow live. Any disturbance (the store unavailable, another runner, a queue overflow, a projection
 * that joins or fails) ends the round, and the next begins at the checkpoints.
 */
export class Follower {
  readonly partition: number;
  readonly counters = { events: 0, batches: 0 };
  readonly #options: FollowerOptions;
  readonly #intake = new Intake();
  readonly #pause = new Pause();
  readonly #assignment: Assignment;
  readonly #reached: Reached;
  readonly #hold = new Hold();
  #checkpoints = new Map<string, number>();
  #plan: Plan;
  #isStopping = false;
  #isBegun = false;
  #isOutdated = false;
  #flight: Promise<void> | undefined;
  readonly #onCommit = (recorded: Recorded): void => this.#intake.push(recorded);
  readonly #liveOptions = { onStuck: (): void => this.#intake.lose() };
  #begun: () => void = () => {};
  /** Resolves when the checkpoints are known, or the first attempt to read them has failed. */
  readonly begun = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { partition, onProgress, isAssigned } = options;
    this.partition = partition;
    this.#plan = planOf(partition, this.#checkpoints);
    this.#assignment = new Assignment(isAssigned);
    this.#reached = new Reached({ partition, newest: () => this.#intake.newest, onProgress });
  }

  /** Everything up to here is applied to all projections that are read. */
  get applied(): number {
    return this.#reached.applied;
  }

  get progress(): Progress {
    return this.#reached.progress;
  }

  get isAssigned(): boolean {
    return !this.#assignment.isRevoked;
  }

  /** Whether it is, and the checkpoints are known, so that `applied` is about all collections of the roster. */
  get isLocated(): boolean {
    return this.isAssigned && this.#checkpoints.size > 0;
  }

  whenApplied(seq: number, timeoutMs: number): Promise<void> {
    return this.#reached.waiters.wait(seq, timeoutMs);
  }

  /** How far the node is to which the partition is assigned; ignored while that is this one. */
  heard(progress: Progress): void {
    if (!this.isAssigned) this.#reached.hears(progress);
  }

  /** The checkpoint of a projection; undefined if it is not known. */
  checkpointOf(collection: string): number | undefined {
    return this.#checkpoints.get(collection);
  }

  /** A projection was added to the roster: the next round includes it. */
  joined(): void {
    this.#isOutdated = true;
    this.#intake.wake();
  }

  /** A projection was removed: nothing is stored for it any more, and nothing waits for it. */
  leave(collection: string): void {
    this.#isOutdated = true;
    this.#intake.wake();
    if (this.#checkpoints.delete(collection)) this.#move();
  }

  /** Holds the next batch until the returned function is called; resolves when the one in flight is stored. */
  async hold(): Promise<() => void> {
    const release = this.#hold.acquire();
    await this.#flight?.catch(() => undefined);
    return release;
  }

  /** Goes on from the checkpoints. */
  assign(): void {
    this.#assignment.assign();
  }

  /** Resolves when the batch in flight is stored; nothing more is until `assign`. */
  revoke(): Promise<void> {
    const revoked = this.#assignment.revoke();
    this.#wake();
    return revoked;
  }

  #wake(): void {
    this.#intake.wake();
    this.#pause.end();
  }

  /** Ends the loop after the batch in flight; `run` resolves then. */
  stop(): void {
    this.#isStopping = true;
    this.#assignment.assign();
    this.#wake();
  }

  /** Follows the log until `stop`; resolves with the error if it failed permanently. */
  async run(): Promise<Error | undefined> {
    const { log } = this.#options;
    let live: LiveSubscription | undefined;
    let fault: Error | undefined;
    while (!(this.#isStopping || fault)) {
      try {
        if (!this.isAssigned) {
          live?.stop();
          live = undefined;
          await this.#unassigned();
          continue;
        }
        live ??= await fromLog(log.live(this.partition, this.#onCommit, this.#liveOptions));
        await this.#round();
      } catch (error) {
        fault = await this.#handle(error);
      }
    }
    live?.stop();
    this.#reached.fails(fault);
    this.#enter(fault ? 'failed' : 'stopped');
    this.#reached.waiters.close(fault ?? new Error('the runner was stopped'));
    this.#begun();
    this.#assignment.end();
    return fault;
  }

  /**
   * Waits until the partition is assigned. Checkpoints are only read to begin with, since another node may move them,
   * which announces that.
   */
  async #unassigned(): Promise<void> {
    if (!this.#isBegun) await this.#locate();
    this.#checkpoints.clear();
    this.#recovered();
    this.#enter('stopped');
    this.#begun();
    await this.#assignment.wait();
  }

  /** Handles what ended a round; returns the error if the follower must end. */
  async #handle(error: unknown): Promise<Error | undefined> {
    const { roster, onFailed } = this.#options;
    if (error instanceof CheckpointMoved) return undefined;
    if (isPassing(error)) {
      await this.#backOff(error);
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
    const scan = this.#options.log.scan(this.partition, { after: this.#plan.from });
    for await (const records of readingLog(scan)) {
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

  get #isOver(): boolean {
    return this.#isStopping || this.#isOutdated || !this.isAssigned;
  }

  #collect(): Promise<void> {
    const parts = { waiters: this.#reached.waiters, intake: this.#intake, pause: this.#pause };
    return collect({ ...parts, isOver: () => this.#isOver }, this.#options.collectMs);
  }

  async #locate(): Promise<void> {
    const { log, target, roster } = this.#options;
    this.#isBegun = true;
    const checkpoints = await Promise.all(
      roster.collections.map(
        async (name) => [name, await target.checkpoint(name, this.partition)] as const,
      ),
    );
    const head = await fromLog(log.head(this.partition));
    this.#reached.sees(head);
    this.#checkpoints = new Map(checkpoints.filter(([collection]) => roster.has(collection)));
    const seq = Math.max(...this.#checkpoints.values());
    checkWithinLog({ partition: this.partition, seq }, head);
    this.#move();
    this.#begun();
  }

  /** Applies records in batches, one in flight; skips what is applied already. */
  async #apply(records: readonly Recorded[]): Promise<void> {
    for (let at = 0; at < records.length; ) {
      while (this.#hold.held !== undefined) await this.#hold.held;
      if (this.#isOver) return;
      const batch = this.#options.target.batch(records, at, this.#plan);
      at = batch.next;
      if (batch.to === this.#plan.from) continue;
      this.#flight = this.#store(batch);
      await this.#flight;
    }
  }

  async #store(batch: Batch): Promise<void> {
    const active = [...this.#plan.active];
    try {
      await batch.store(active);
    } catch (error) {
      throw await isolateFailure(error, batch, active);
    }
    for (const name of active) {
      if (this.#checkpoints.has(name)) this.#checkpoints.set(name, batch.to);
    }
    this.counters.events += batch.events;
    this.counters.batches += 1;
    this.#recovered();
    this.#move();
  }

  #move(): void {
    const { roster, onMoved } = this.#options;
    this.#plan = planOf(this.partition, this.#checkpoints);
    const read = [...this.#checkpoints].filter(([collection]) => roster.isSettled(collection));
    this.#reached.reach(read.length > 0 ? Math.min(...read.map(([, seq]) => seq)) : undefined);
    onMoved(this.partition);
  }

  #enter(state: Progress['state']): void {
    if (state === 'live') this.#recovered();
    this.#reached.enter(state);
  }

  #recovered(): void {
    this.#pause.recovered();
    this.#reached.fails(undefined);
  }

  async #backOff(error: Error): Promise<void> {
    this.#reached.fails(error);
    this.#begun();
    if (this.isAssigned && !this.#isStopping) await this.#pause.afterFailure();
  }
}
