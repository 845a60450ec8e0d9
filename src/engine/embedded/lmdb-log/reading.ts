import type { Aggregate } from '../../../events/aggregate.ts';
import { lastOf } from '../../../events/commit.ts';
import { emptyTail, type Recorded, type Tail } from '../../../events/log.ts';
import type { RawCommit } from '../../../events/raw-log.ts';
import { damaged } from '../../../events/store-refused.ts';
import { nextIteration } from '../../../runtime/timers.ts';
import { ChainCheck, recordedOf, tailOf } from './chain.ts';
import { type CommitStore, trimmedKey } from './commit-store.ts';

/** Bytes that are read and decoded at once, before yielding to the event loop. */
const sliceBytes = 256 * 1024;
const batchBytesDefault = 4 * 1024 * 1024;

/** The store may have been reopened after each pause, so it is requested each time. */
export type Source = { readonly file: string; store(): CommitStore };

const pause = (): Promise<void> => nextIteration();

/** The commit at a position that the index names. */
const commitAt = (
  { file, store }: Source,
  partition: number,
  entry: { readonly n: number; readonly seq: number },
): Recorded => {
  const stored = store().get(partition, entry.seq);
  if (!stored)
    throw damaged(file, `its index leads to position ${entry.seq}, where there is no commit`);
  const recorded = recordedOf(file, stored);
  if (recorded.commit.n !== entry.n) {
    throw damaged(file, `its index takes event ${recorded.commit.n} for event ${entry.n}`);
  }
  return recorded;
};

export const storedTail = (source: Source, partition: number, aggregate: Aggregate): Tail => {
  const entry = source.store().entryOf(aggregate, Number.MAX_SAFE_INTEGER);
  return entry ? tailOf(commitAt(source, partition, entry)) : emptyTail;
};

/** The aggregate to read, from the commit that holds event `after + 1`. */
export type ReadRequest = {
  readonly aggregate: Aggregate;
  readonly partition: number;
  readonly after: number;
};

/** The index entry to start at; the first commit that is left if older ones were trimmed. */
const beginning = (source: Source, { aggregate, after }: ReadRequest) => {
  const store = source.store();
  const entry = store.entryOf(aggregate, after + 1) ?? store.nextOf(aggregate, after + 1);
  if (entry && entry.n > after + 1 && store.meta(trimmedKey) === undefined) {
    throw damaged(source.file, `event ${after + 1} of ${aggregate} is missing`);
  }
  return entry;
};

/** The commits of one aggregate in order; a broken chain throws. */
export async function* readAggregate(
  source: Source,
  request: ReadRequest,
): AsyncGenerator<Recorded, void, void> {
  const { aggregate, partition, after } = request;
  const chain = new ChainCheck(source.file, 1);
  chain.begin(aggregate, emptyTail);
  let entry = beginning(source, request);
  if (entry && entry.n > 1) chain.forget(aggregate);
  let bytes = 0;
  while (entry) {
    const recorded = chain.take(commitAt(source, partition, entry));
    if (recorded.aggregate !== aggregate) {
      throw damaged(source.file, `its index takes ${recorded.aggregate} for ${aggregate}`);
    }
    if (lastOf(recorded.commit) > after) yield recorded;
    bytes += recorded.size;
    if (bytes > sliceBytes) {
      await pause();
      bytes = 0;
    }
    entry = source.store().nextOf(aggregate, entry.n);
  }
}

/** The commits at positions of a partition; missing ones are left out. */
export const readPlaces = async (
  { file, store }: Source,
  partition: number,
  seqs: readonly number[],
): Promise<Recorded[]> => {
  const found: Recorded[] = [];
  let bytes = 0;
  for (const seq of seqs) {
    const stored = store().get(partition, seq);
    if (!stored) continue;
    const recorded = recordedOf(file, stored);
    found.push(recorded);
    bytes += recorded.size;
    if (bytes < sliceBytes) continue;
    await pause();
    bytes = 0;
  }
  return found;
};

/** The part of a partition to scan, up to and with `upTo`. */
export type ScanRequest = {
  readonly partition: number;
  readonly after: number;
  readonly upTo: number;
  readonly batchBytes?: number | undefined;
};

/** Where the chain cannot tell, the index tells whether a commit is the aggregate's. */
const checkIndexed = ({ file, store }: Source, { aggregate, commit, seq }: Recorded): void => {
  if (store().entryOf(aggregate, commit.n)?.seq === seq) return;
  throw damaged(file, `its index does not lead to event ${commit.n} of ${aggregate}`);
};

/** A partition in order, in batches of about so many bytes; a broken chain throws. */
export async function* scanPartition(
  source: Source,
  { partition, after, upTo, batchBytes = batchBytesDefault }: ScanRequest,
): AsyncGenerator<readonly Recorded[], void, void> {
  const chain = new ChainCheck(source.file);
  const bytesMax = Math.min(sliceBytes, batchBytes);
  let at = after;
  let batch: Recorded[] = [];
  let bytes = 0;
  for (;;) {
    const slice: RawCommit[] = source.store().range(partition, { after: at, upTo, bytesMax });
    for (const stored of slice) {
      const recorded = recordedOf(source.file, stored);
      if (!chain.knows(recorded.aggregate)) checkIndexed(source, recorded);
      batch.push(chain.take(recorded));
      bytes += recorded.size;
    }
    at = slice.at(-1)?.seq ?? upTo;
    const ended = at >= upTo;
    if (batch.length > 0 && (ended || bytes >= batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    if (ended) return;
    await pause();
  }
}
