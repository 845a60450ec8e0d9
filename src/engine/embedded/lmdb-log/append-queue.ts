import { type Aggregate, partitionOf } from '../../../events/aggregate.ts';
import { encode, hashOf } from '../../../events/codec.ts';
import { type Commit, lastOf } from '../../../events/commit.ts';
import { AppendFailure, type Recorded, type Tail } from '../../../events/log.ts';
import { nextIteration } from '../../../runtime/timers.ts';
import type { NewCommit } from './commit-store.ts';

/** Bytes of one transaction, at most: a few milliseconds of writing. */
const batchCommitsMax = 4096;
const batchBytesMax = 8 * 1024 * 1024;
/** A longer name would exceed a key of the index. */
const aggregateCharsMax = 1000;
/** If more is waiting, the disk cannot keep up: the next append is refused. */
const waitingBytesMax = 128 * 1024 * 1024;

export type Target = {
  readonly partitions: number;
  /** The position of the last commit of a partition, as stored. */
  last(partition: number): number;
  /** The durable tail of an aggregate. */
  tail(aggregate: Aggregate): Tail;
  /** Writes all or nothing; rejects with an `AppendFailure`. */
  write(commits: readonly NewCommit[]): Promise<void>;
  /** Called with each durable commit, in order, before its append resolves. */
  durable(recorded: Recorded, tail: Tail): void;
};

type Entry = {
  readonly stored: NewCommit;
  readonly recorded: Recorded;
  readonly tail: Tail;
  readonly resolve: (tail: Tail) => void;
  readonly reject: (failure: AppendFailure) => void;
};

const followsNot = (aggregate: Aggregate, commit: Commit, tail: Tail): AppendFailure =>
  new AppendFailure(
    'conflict',
    `event ${commit.n} of ${aggregate} does not follow its tail, event ${tail.n}`,
  );

/**
 * The one writer of a log. Conflicts are detected at the call, positions are assigned in the order of the calls, and
 * everything that arrives while one transaction is flushed goes into the next: appends share a flush.
 */
export class AppendQueue {
  readonly #target: Target;
  readonly #positions: number[];
  /** The newest tail in flight of each aggregate that has one. */
  readonly #pending = new Map<Aggregate, Tail>();
  #waiting: Entry[] = [];
  #waitingBytes = 0;
  #works: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(target: Target) {
    this.#target = target;
    this.#positions = Array.from({ length: target.partitions }, (_, partition) =>
      target.last(partition),
    );
  }

  /**
   * Resolves when durable. Throws, or rejects, with an `AppendFailure`; throws `CodecError` or `RangeError` for what
   * no log can hold, which is a bug of the caller.
   */
  append(aggregate: Aggregate, commit: Commit, after: Tail): Promise<Tail> {
    if (this.#closed) throw new AppendFailure('unavailable', 'the log is closed');
    if (aggregate.length > aggregateCharsMax) throw new RangeError(`too long: ${aggregate}`);
    const expected = this.#pending.get(aggregate) ?? this.#target.tail(aggregate);
    const known = expected.n === after.n && expected.hash === after.hash;
    if (!known || commit.n !== after.n + 1 || commit.prev !== after.hash) {
      throw followsNot(aggregate, commit, expected);
    }
    const bytes = encode(commit);
    if (this.#waitingBytes + bytes.length > waitingBytesMax) {
      throw new AppendFailure('unavailable', 'the disk is slower than what comes in');
    }
    return new Promise((resolve, reject) => {
      this.#enqueue({ ...this.#placed(aggregate, commit, bytes), resolve, reject });
    });
  }

  /** Runs `work`, which writes too, while no transaction is in flight. */
  between(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#works.push(() => work().then(resolve, reject));
      this.#start();
    });
  }

  /** Refuses later appends, and resolves when all earlier ones have settled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #placed(aggregate: Aggregate, commit: Commit, bytes: Buffer): Omit<Entry, 'resolve' | 'reject'> {
    const partition = partitionOf(aggregate, this.#positions.length);
    const seq = (this.#positions[partition] ?? 0) + 1;
    this.#positions[partition] = seq;
    const hash = hashOf(bytes);
    return {
      stored: { aggregate, partition, seq, n: commit.n, bytes },
      recorded: { aggregate, commit, seq, hash, size: bytes.length },
      tail: { n: lastOf(commit), hash, seq },
    };
  }

  #enqueue(entry: Entry): void {
    this.#pending.set(entry.stored.aggregate, entry.tail);
    this.#waiting.push(entry);
    this.#waitingBytes += entry.stored.bytes.length;
    this.#start();
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Appends of the same iteration of the event loop share the first transaction.
    await nextIteration();
    while (this.#waiting.length > 0 || this.#works.length > 0) {
      const works = this.#works;
      this.#works = [];
      for (const work of works) await work();
      const batch = this.#take();
      if (batch.length > 0) await this.#write(batch);
    }
    this.#running = undefined;
  }

  #take(): Entry[] {
    let bytes = 0;
    let count = 0;
    for (const { stored } of this.#waiting) {
      if (count === batchCommitsMax || bytes > batchBytesMax) break;
      bytes += stored.bytes.length;
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    try {
      await this.#target.write(batch.map(({ stored }) => stored));
    } catch (failure) {
      this.#fail(batch, failure as AppendFailure);
      return;
    }
    for (const { stored, recorded, tail, resolve } of batch) {
      if (this.#pending.get(stored.aggregate) === tail) this.#pending.delete(stored.aggregate);
      this.#target.durable(recorded, tail);
      resolve(tail);
    }
  }

  /** What waits behind a failed append of the same aggregate depends on events that were never written. */
  #fail(batch: readonly Entry[], failure: AppendFailure): void {
    const lost = new Set(batch.map(({ stored }) => stored.aggregate));
    for (const aggregate of lost) this.#pending.delete(aggregate);
    for (const { reject } of batch) reject(failure);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const entry of waiting) {
      const { aggregate, bytes } = entry.stored;
      if (lost.has(aggregate)) {
        entry.reject(new AppendFailure('conflict', `what ${aggregate} had before was not written`));
        continue;
      }
      this.#waiting.push(entry);
      this.#waitingBytes += bytes.length;
    }
  }
}
