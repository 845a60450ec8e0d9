import { join } from 'node:path';
import { partitionOf } from '../../../events/aggregate.ts';
import {
  isSelected,
  type Orphan,
  type PositionRange,
  type RawCommit,
  type RawLog,
} from '../../../events/raw-log.ts';
import { nextIteration } from '../../../runtime/timers.ts';
import { openBesideWriters } from '../files/opening-gate.ts';
import { explained, type OpenFile, openExisting } from './log-file.ts';
import { positionsOf, type SelectQuery } from './selection.ts';

/** Bytes that are read at once, before yielding to the event loop. */
const sliceBytes = 1024 * 1024;
const orphansAtOnce = 2000;

const pause = (): Promise<void> => nextIteration();

/**
 * Opens the raw log of a data folder. Throws `StoreRefused` if there is none, and one with `isDamage` if the file is
 * so damaged that LMDB cannot read it.
 */
export const openLmdbRawLog = async (path: string): Promise<RawLog> => {
  const file = join(path, 'log.mdb');
  const options = { file, readOnly: true };
  const opened = await openBesideWriters(file, () => openExisting(options, () => undefined));
  return rawLog({ file, ...opened });
};

type Opened = OpenFile & { readonly file: string };

const rawLog = ({ file, store, info }: Opened): RawLog => ({
  info,
  // A write that failed, as on a full disk, has used up its positions.
  isDense: false,
  head: async (partition) => {
    store.refresh();
    return store.last(partition);
  },
  scan: (partition, range) => scan({ file, store, info }, partition, range),
  select: (partition, range, selection) =>
    select({ file, store, info }, { partition, partitions: info.partitions, range, selection }),
  firstFrom: async (partition, seq) => {
    const slice = { after: seq - 1, upTo: Number.MAX_SAFE_INTEGER, bytesMax: 1 };
    return reading(file, () => store.range(partition, slice))[0];
  },
  finds: ({ aggregate, seq }, n) => {
    const entry = store.entryOf(aggregate, n);
    return entry?.n === n && entry.seq === seq;
  },
  orphans: (upTo) => orphans({ file, store, info }, upTo),
  close: () => store.close(),
});

async function* scan(
  { file, store }: Opened,
  partition: number,
  { after, upTo }: PositionRange,
): AsyncGenerator<readonly RawCommit[]> {
  for (let at = after; at < upTo; ) {
    const slice = reading(file, () =>
      store.range(partition, { after: at, upTo, bytesMax: sliceBytes }),
    );
    if (slice.length === 0) return;
    yield slice;
    at = slice.at(-1)?.seq ?? upTo;
    await pause();
  }
}

async function* select(opened: Opened, query: SelectQuery): AsyncGenerator<readonly RawCommit[]> {
  const { file, store } = opened;
  const { partition, range, selection } = query;
  const positions = await positionsOf(store, query).catch((error: unknown) => {
    throw explained(file, error);
  });
  if (!positions) {
    for await (const batch of scan(opened, partition, range)) {
      const found = batch.filter(({ aggregate }) => isSelected(aggregate, selection));
      if (found.length > 0) yield found;
    }
    return;
  }
  let batch: RawCommit[] = [];
  let bytes = 0;
  for (const seq of positions) {
    const commit = reading(file, () => store.get(partition, seq));
    if (!commit || !isSelected(commit.aggregate, selection)) continue;
    batch.push(commit);
    bytes += commit.bytes.length;
    if (bytes < sliceBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
    await pause();
  }
  if (batch.length > 0) yield batch;
}

async function* orphans(
  { file, store, info }: Opened,
  upTo: readonly number[],
): AsyncGenerator<Orphan> {
  const entries = store.indexed()[Symbol.iterator]();
  for (let looked = 1; ; looked++) {
    const { done, value: entry } = reading(file, () => entries.next());
    if (done) return;
    const partition = partitionOf(entry.aggregate, info.partitions);
    const isOld = entry.seq <= (upTo[partition] ?? 0);
    if (isOld && reading(file, () => store.get(partition, entry.seq)) === undefined) yield entry;
    if (looked % orphansAtOnce === 0) await pause();
  }
}

/** What LMDB finds in a page, it finds when the page is read. */
const reading = <T>(file: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw explained(file, error);
  }
};
