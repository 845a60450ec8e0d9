import type { Aggregate } from '../../../events/aggregate.ts';
import { recordedOf } from './chain.ts';
import type { NewCommit } from './commit-store.ts';
import type { LogFile, Work } from './log-file.ts';

/** Small, so that appends hardly wait. */
const batchBytes = 256 * 1024;

export type TrimOptions = {
  readonly file: LogFile;
  /** Commits whose newest event is older than this, in ms since 1970, are dropped. */
  readonly before: number;
  /** Runs a write when no other is in flight. */
  write(work: Work): Promise<void>;
  /** Called with each aggregate that has lost commits. */
  removed(aggregate: Aggregate): void;
};

/** The commits at the front of a partition that are too old, up to the first that is not. */
const oldest = ({ file, before }: TrimOptions, partition: number): NewCommit[] => {
  const old: NewCommit[] = [];
  const slice = { after: 0, upTo: Number.MAX_SAFE_INTEGER, bytesMax: batchBytes };
  for (const stored of file.store.range(partition, slice)) {
    const { n, events } = recordedOf(file.file, stored).commit;
    if (!events.every(({ at }) => at < before)) break;
    old.push({ ...stored, partition, n });
  }
  return old;
};

/** Drops from the front of each partition what is too old, in small batches; resolves with the number of commits. */
export const trimLog = async (options: TrimOptions): Promise<number> => {
  let count = 0;
  for (let partition = 0; partition < options.file.info.partitions; partition++) {
    for (;;) {
      const old = oldest(options, partition);
      if (old.length === 0) break;
      await options.write({
        run: async (store) => {
          await store.remove(old);
          for (const { aggregate } of old) options.removed(aggregate);
        },
        // Dropping the same again is harmless.
        landed: () => false,
      });
      count += old.length;
    }
  }
  return count;
};
