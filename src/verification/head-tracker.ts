import { setMaxListeners } from 'node:events';
import type { Aggregate } from '../events/aggregate.ts';
import { lastOf } from '../events/commit.ts';
import { follow } from '../events/follow.ts';
import type { EventLog, Recorded } from '../events/log.ts';
import { monotonic } from '../runtime/clock.ts';
import { nextIteration, sleep } from '../runtime/timers.ts';
import type { HeadState, KeptHeads } from '../store/state/heads.ts';
import { Heads } from './heads.ts';
import { rootOf } from './root.ts';

export type HeadTrackerOptions = {
  readonly log: EventLog;
  readonly state: HeadState;
  readonly onError: (error: Error) => void;
};

/** The heads of all aggregates at a moment, with their root. */
export type HeadsThen = {
  readonly positions: readonly number[];
  readonly heads: number;
  readonly root: string;
};

/** A server with a long log to read pauses as long as it works. */
const restMsMax = 200;
/** A larger batch comes from reading the log, not from live commits. */
const farBytes = 1024 * 1024;
const retryMs = 1000;
/** The approximate size of one stored document. */
const portionChars = 256 * 1024;

/**
 * Tracks where every aggregate of a log ends, while it is written: it starts with what the last checkpoint has
 * stored, reads what came after, and follows. So a checkpoint costs the hashing of the heads, not the reading of the
 * log.
 */
export class HeadTracker {
  readonly #options: HeadTrackerOptions;
  readonly #stopping = new AbortController();
  #heads = new Heads();
  #positions: number[];
  #running: Promise<unknown> = Promise.resolve();
  /** Heads must not be set while they are hashed. */
  #held: Promise<unknown> | undefined;

  constructor(options: HeadTrackerOptions) {
    this.#options = options;
    // Each partition has a listener, and so have its pauses.
    setMaxListeners(0, this.#stopping.signal);
    this.#positions = Array.from({ length: options.log.info.partitions }, () => 0);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Whether it contains everything that the log holds now. */
  async isCaughtUp(): Promise<boolean> {
    for (const [partition, position] of this.#positions.entries()) {
      if (position < (await this.#options.log.head(partition))) return false;
    }
    return true;
  }

  /** The current heads; what comes meanwhile waits. Stored for the next start. */
  async take(): Promise<HeadsThen> {
    const parts: string[] = [];
    let lines: string[] = [];
    let chars = 0;
    const collect = (line: string): void => {
      lines.push(line);
      chars += line.length;
      if (chars < portionChars) return;
      parts.push(lines.join('\n'));
      lines = [];
      chars = 0;
    };
    const positions = [...this.#positions];
    const heads = this.#heads.size;
    const hashing = rootOf(this.#heads, collect);
    this.#held = hashing;
    const root = await hashing.finally(() => {
      this.#held = undefined;
    });
    if (lines.length > 0) parts.push(lines.join('\n'));
    const { incarnation } = this.#options.log.info;
    await this.#options.state.save({ incarnation, positions, root, parts });
    return { positions, heads, root };
  }

  get positions(): readonly number[] {
    return this.#positions;
  }

  async #run(): Promise<void> {
    await this.#recall().catch((error: unknown) => this.#complain(error));
    await Promise.all(this.#positions.map((_, partition) => this.#persist(partition)));
  }

  async #persist(partition: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const after = this.#positions[partition] ?? 0;
        let begun = monotonic();
        for await (const batch of follow(this.#options.log, { partition, after }, signal)) {
          await this.#held;
          const bytes = this.#take(partition, batch);
          if (bytes > farBytes) await this.#rest(Math.min(restMsMax, monotonic() - begun));
          begun = monotonic();
        }
      } catch (error) {
        this.#complain(error);
        await this.#rest(retryMs);
      }
    }
  }

  /** Returns the size of the batch, in bytes. */
  #take(partition: number, batch: readonly Recorded[]): number {
    let bytes = 0;
    for (const { aggregate, commit, hash, seq, size } of batch) {
      this.#heads.set(aggregate, { n: lastOf(commit), hash });
      this.#positions[partition] = seq;
      bytes += size;
    }
    return bytes;
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  #complain(cause: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.onError(new Error('the heads of the log cannot be followed', { cause }));
  }

  /** Starts with what the last checkpoint has stored, if it is of this log and complete. */
  async #recall(): Promise<void> {
    const { log, state } = this.#options;
    const kept = await state.load();
    if (!kept || kept.incarnation !== log.info.incarnation) return;
    for (const [partition, position] of kept.positions.entries()) {
      const head = await log.head(partition);
      if (position <= head) continue;
      throw new Error(
        `partition ${partition} of the log ends at ${head}, but was once at ${position}: it has lost commits; see oshi verify`,
      );
    }
    const heads = await headsIn(kept);
    if ((await rootOf(heads)) !== kept.root) return;
    this.#heads = heads;
    this.#positions = [...kept.positions];
  }
}

const headsIn = async ({ parts }: KeptHeads): Promise<Heads> => {
  const heads = new Heads();
  for (const part of parts) {
    for (const line of part.split('\n')) {
      const [aggregate = '', n, hash = ''] = line.split(' ');
      heads.set(aggregate as Aggregate, { n: Number(n), hash });
    }
    await nextIteration();
  }
  return heads;
};
