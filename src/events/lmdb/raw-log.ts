import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { partitionOf } from '../aggregate.ts';
import type { LogInfo } from '../log.ts';
import type { Orphan, RawCommit, RawLog, Stretch } from '../raw-log.ts';
import { type CommitStore, openCommitStore } from './commit-store.ts';
import { checkStructure } from './file-structure.ts';
import { explained, infoOf } from './log-file.ts';
import { StoreRefused } from './refusal.ts';

/** So much is read at once; then the event loop has its turn. */
const sliceBytes = 1024 * 1024;
const orphansAtOnce = 2000;

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Opens the log of a data folder as it is kept. Throws `StoreRefused` if there is none, and one with `isDamage` if
 * the file is so damaged that LMDB cannot read it.
 */
export const openLmdbRawLog = async (path: string): Promise<RawLog> => {
  const file = join(path, 'log.mdb');
  if (!existsSync(file)) throw new StoreRefused(`There is no log at ${file}.`);
  checkStructure(file, { shared: true });
  const store = await openCommitStore({ file, readOnly: true }).catch((error: unknown) => {
    throw explained(file, error);
  });
  if (!store) throw new StoreRefused(`${file} is no log of Oshi's. Name another data folder.`);
  try {
    return rawLog({ file, store, info: infoOf(file, store) });
  } catch (error) {
    await store.close();
    throw explained(file, error);
  }
};

type Opened = { readonly file: string; readonly store: CommitStore; readonly info: LogInfo };

const rawLog = ({ file, store, info }: Opened): RawLog => ({
  info,
  // A write that failed, as on a full disk, has used up its places.
  isDense: false,
  head: async (partition) => {
    store.refresh();
    return store.last(partition);
  },
  scan: (partition, stretch) => scan({ file, store, info }, partition, stretch),
  finds: ({ aggregate, seq }, n) => {
    const place = store.placeOf(aggregate, n);
    return place?.n === n && place.seq === seq;
  },
  orphans: (upTo) => orphans({ file, store, info }, upTo),
  close: () => store.close(),
});

async function* scan(
  { file, store }: Opened,
  partition: number,
  { after, upTo }: Stretch,
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
