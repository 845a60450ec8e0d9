import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Aggregate, partitionOf } from '../../../events/aggregate.ts';
import { AppendFailure, type EventLog, type Recorded, type Tail } from '../../../events/log.ts';
import { wallClock } from '../../../runtime/clock.ts';
import { clearInterval, setInterval } from '../../../runtime/timers.ts';
import { TailCache } from '../../tail-cache.ts';
import { AppendQueue } from './append-queue.ts';
import { LiveFeed } from './live-feed.ts';
import { LogFile, openLogFile, type Work } from './log-file.ts';
import { readOnlyLog } from './read-only-log.ts';
import { readAggregate, readPlaces, type Source, scanPartition, storedTail } from './reading.ts';
import { type TrimOptions, trimLog } from './retention.ts';

export type LmdbLogOptions = {
  /** The data folder; it is locked by the caller, see `openDataFolder`. */
  readonly path: string;
  /** The log's file is `<name>.mdb`. */
  readonly name?: string;
  /** For a log that is created; an existing one keeps its number. */
  readonly partitions?: number;
  /** Commits older than this, in ms, are dropped from the front, when it is opened and then each hour. */
  readonly retentionMs?: number;
  readonly now?: () => number;
  /** For a process that reads beside the one that writes: appends are refused, `live` polls. */
  readonly readOnly?: boolean;
};

export type LmdbLog = EventLog & {
  /** Drops what is older than `retentionMs`; resolves with the number of commits dropped. */
  trim(): Promise<number>;
};

const cachedTailsMax = 20_000;
const trimEveryMs = 60 * 60 * 1000;

/**
 * Opens the log of a data folder, or creates it. Throws `StoreRefused`, with one line for the operator, if its file
 * is damaged, of another version, or not a log.
 */
export const openLmdbLog = async (options: LmdbLogOptions): Promise<LmdbLog> => {
  const { path, name = 'log', partitions = 1, readOnly = false } = options;
  if (!readOnly) mkdirSync(path, { recursive: true, mode: 0o700 });
  const fileOptions = { file: join(path, `${name}.mdb`), readOnly, partitions };
  const logFile = new LogFile(fileOptions, await openLogFile(fileOptions));
  if (readOnly) return readOnlyLog(logFile);
  const log = new WritableLog(logFile, options);
  try {
    await log.trim();
  } catch (error) {
    // A full disk prevents trimming, not reading; it is retried in an hour.
    if (error instanceof AppendFailure && error.reason !== 'unknown') return log;
    await log.close();
    throw error;
  }
  return log;
};

class WritableLog implements LmdbLog {
  readonly #file: LogFile;
  readonly #source: Source;
  readonly #tails = new TailCache(cachedTailsMax);
  readonly #feeds: readonly LiveFeed[];
  readonly #queue: AppendQueue;
  readonly #options: LmdbLogOptions;
  readonly #trimming: NodeJS.Timeout | undefined;

  constructor(file: LogFile, options: LmdbLogOptions) {
    this.#file = file;
    this.#options = options;
    this.#source = { file: file.file, store: () => file.store };
    this.#feeds = Array.from(
      { length: file.info.partitions },
      (_, partition) => new LiveFeed(file.store.last(partition)),
    );
    this.#queue = new AppendQueue({
      partitions: file.info.partitions,
      last: (partition) => file.store.last(partition),
      tail: (aggregate) => this.#tail(aggregate),
      write: (commits) =>
        this.#write({
          bytes: commits.reduce((sum, { bytes }) => sum + bytes.length, 0),
          run: (store) => store.write(commits),
          landed: (store) =>
            commits.some(({ partition, seq }) => store.get(partition, seq) !== undefined),
        }),
      durable: (recorded, tail) => this.#durable(recorded, tail),
    });
    if (options.retentionMs !== undefined) {
      this.#trimming = setInterval(() => void this.trim().catch(() => 0), trimEveryMs).unref();
    }
  }

  get info() {
    return this.#file.info;
  }

  async append(...[aggregate, commit, after]: Parameters<EventLog['append']>): Promise<Tail> {
    return await this.#queue.append(aggregate, commit, after);
  }

  async tail(aggregate: Aggregate): Promise<Tail> {
    return this.#tail(aggregate);
  }

  read(...[aggregate, { after = 0 } = {}]: Parameters<EventLog['read']>) {
    const partition = partitionOf(aggregate, this.info.partitions);
    return readAggregate(this.#source, { aggregate, partition, after });
  }

  at(...[partition, seqs]: Parameters<EventLog['at']>) {
    return readPlaces(this.#source, partition, seqs);
  }

  scan(...[partition, { after = 0, batchBytes } = {}]: Parameters<EventLog['scan']>) {
    const upTo = this.#feed(partition).head;
    return scanPartition(this.#source, { partition, after, upTo, batchBytes });
  }

  async live(...[partition, handler]: Parameters<EventLog['live']>) {
    return this.#feed(partition).subscribe(handler);
  }

  async head(partition: number): Promise<number> {
    return this.#feed(partition).head;
  }

  async trim(): Promise<number> {
    const { retentionMs, now = wallClock } = this.#options;
    if (retentionMs === undefined) return 0;
    const options: TrimOptions = {
      file: this.#file,
      before: now() - retentionMs,
      write: (work) => this.#queue.between(() => this.#write(work)),
      removed: (aggregate) => this.#tails.delete(aggregate),
    };
    return trimLog(options);
  }

  async close(): Promise<void> {
    clearInterval(this.#trimming);
    await this.#queue.close();
    await this.#file.close();
  }

  async #write(work: Work): Promise<void> {
    try {
      await this.#file.write(work);
    } catch (failure) {
      this.#tails.clear();
      throw failure;
    }
  }

  #feed(partition: number): LiveFeed {
    const feed = this.#feeds[partition];
    if (!feed) throw new RangeError(`partition ${partition} of ${this.#feeds.length}`);
    return feed;
  }

  #tail(aggregate: Aggregate): Tail {
    const cached = this.#tails.get(aggregate);
    if (cached) return cached;
    const partition = partitionOf(aggregate, this.info.partitions);
    const tail = storedTail(this.#source, partition, aggregate);
    this.#tails.set(aggregate, tail);
    return tail;
  }

  #durable(recorded: Recorded, tail: Tail): void {
    const { aggregate } = recorded;
    this.#tails.set(aggregate, tail);
    this.#feed(partitionOf(aggregate, this.#feeds.length)).publish(recorded);
  }
}
