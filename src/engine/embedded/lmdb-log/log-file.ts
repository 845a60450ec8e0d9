import { existsSync } from 'node:fs';
import type { Aggregate } from '../../../events/aggregate.ts';
import { AppendFailure, emptyTail, type LogInfo } from '../../../events/log.ts';
import { damaged, StoreRefused } from '../../../events/store-refused.ts';
import { randomId } from '../../../runtime/random.ts';
import { createFile } from '../files/creation.ts';
import { writeFailure } from '../files/failure.ts';
import { checkStructure } from '../files/file-structure.ts';
import { checkFreeSpace } from '../files/free-space.ts';
import { openBesideWriters, whileOthersOpen } from '../files/opening-gate.ts';
import { unusable } from '../files/refusal.ts';
import { ChainCheck, recordedOf } from './chain.ts';
import { type CommitStore, openCommitStore } from './commit-store.ts';

const format = '1';

/** The file, and what to do if it does not exist. */
export type LogFileOptions = {
  readonly file: string;
  readonly readOnly: boolean;
  /** For a log that is created. */
  readonly partitions: number;
};

export type OpenFile = { readonly store: CommitStore; readonly info: LogInfo };

const create = ({ file, partitions }: LogFileOptions): Promise<void> =>
  createFile(file, async (draft) => {
    const store = await openCommitStore({ file: draft, partitions });
    if (!store) throw new StoreRefused(`${file} could not be created.`);
    await store.setMeta({ format, partitions: `${partitions}`, incarnation: randomId() });
    await store.close();
  });

/** The identity of an open log; throws `StoreRefused` if this version of Oshi cannot read it. */
const infoOf = (file: string, store: CommitStore): LogInfo => {
  const found = store.meta('format');
  if (found !== format) {
    throw new StoreRefused(
      `${file} has format ${found ?? 'unknown'}, and this version of Oshi reads format ${format}. Run the version of Oshi that wrote it.`,
    );
  }
  const incarnation = store.meta('incarnation');
  const partitions = Number(store.meta('partitions'));
  if (!incarnation || !Number.isInteger(partitions)) throw damaged(file, 'it has no identity');
  return { incarnation, partitions };
};

/** What LMDB finds in a page is a fault of the file, whichever call finds it. */
export const explained = (file: string, error: unknown): unknown =>
  error instanceof AppendFailure ? error : unusable(file, error);

/**
 * Opens a log's file, and creates it if it does not exist. It is checked before LMDB maps it (reading a mapped page
 * beyond the end of a file kills the process), and its newest commits afterwards. Throws `StoreRefused`.
 */
export const openLogFile = async (options: LogFileOptions): Promise<OpenFile> => {
  const { file, readOnly } = options;
  if (readOnly) return openBesideWriters(file, () => openExisting(options));
  if (!existsSync(file)) await create(options);
  return openExisting(options);
};

/** Opens an existing file; `check` throws if the newest commits of a partition may not be as they are. */
export const openExisting = async (
  { file, readOnly }: Pick<LogFileOptions, 'file' | 'readOnly'>,
  check = checkNewest,
): Promise<OpenFile> => {
  if (!existsSync(file)) throw new StoreRefused(`There is no log at ${file}.`);
  checkStructure(file, { shared: readOnly });
  const store = await openCommitStore({ file, readOnly }).catch((error: unknown) => {
    throw explained(file, error);
  });
  if (!store) {
    throw new StoreRefused(
      `${file} is no log of Oshi's. Move it away, or name another data folder.`,
    );
  }
  try {
    const info = infoOf(file, store);
    for (let partition = 0; partition < info.partitions; partition++) {
      check(file, store, partition);
    }
    return { store, info };
  } catch (error) {
    await store.close();
    throw explained(file, error);
  }
};

/** A write, and how to determine afterwards whether it was done. */
export type Work = {
  /** The approximate size of the write. */
  readonly bytes?: number;
  run(store: CommitStore): Promise<void>;
  landed(store: CommitStore): boolean;
};

/** The store of a log, reopened after a write that failed. */
export class LogFile {
  readonly info: LogInfo;
  readonly file: string;
  readonly #options: LogFileOptions;
  #store: CommitStore | undefined;

  constructor(options: LogFileOptions, opened: OpenFile) {
    this.#options = options;
    this.file = options.file;
    this.info = opened.info;
    this.#store = opened.store;
  }

  /** Throws an `AppendFailure` when the log is closed, or has failed permanently. */
  get store(): CommitStore {
    if (!this.#store) throw new AppendFailure('unavailable', `${this.file} is closed`);
    return this.#store;
  }

  /**
   * Runs a write, unless the disk is full. When it fails, the store is reopened, since LMDB refuses everything after
   * some failures, and this rejects with an `AppendFailure`: `unknown`, and the log is closed permanently, if the
   * store cannot be opened, or if it contains what failed.
   */
  async write(work: Work): Promise<void> {
    await whileOthersOpen(this.file);
    const { store } = this;
    try {
      checkFreeSpace(this.file, work.bytes);
    } catch (error) {
      throw writeFailure(error, this.file);
    }
    try {
      await work.run(store);
    } catch (error) {
      this.#store = undefined;
      this.#store = await this.#reopened(store, work);
      throw writeFailure(error, this.file);
    }
  }

  async #reopened(failed: CommitStore, work: Work): Promise<CommitStore> {
    try {
      await failed.close();
      const { store } = await openExisting(this.#options);
      if (!work.landed(store)) return store;
      await store.close();
      throw new Error('a write that failed is in it');
    } catch (error) {
      throw lostBy(this.file, error);
    }
  }

  async close(): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
  }
}

/** The error for appends when a file cannot be reopened after a failed write. */
const lostBy = (file: string, cause: unknown): AppendFailure =>
  new AppendFailure('unknown', `${file} failed; start Oshi again`, { cause });

const newestMax = 200;

/**
 * Checks the newest commits of a partition, where a crash or a bad disk shows first: each can be read, follows the
 * one before it, and is found by the index, which ends where they end. Throws `StoreRefused`.
 */
const checkNewest = (file: string, store: CommitStore, partition: number): void => {
  const chain = new ChainCheck(file);
  const ends = new Map<Aggregate, number>();
  for (const stored of store.newest(partition, newestMax)) {
    const recorded = recordedOf(file, stored);
    const { aggregate, commit, seq } = recorded;
    if (commit.n === 1) chain.begin(aggregate, emptyTail);
    chain.take(recorded);
    ends.set(aggregate, seq);
    if (store.entryOf(aggregate, commit.n)?.seq !== seq) {
      throw damaged(file, `its index does not lead to event ${commit.n} of ${aggregate}`);
    }
  }
  for (const [aggregate, seq] of ends) {
    if (store.entryOf(aggregate, Number.MAX_SAFE_INTEGER)?.seq !== seq) {
      throw damaged(file, `its index leads past the last commit of ${aggregate}`);
    }
  }
};
