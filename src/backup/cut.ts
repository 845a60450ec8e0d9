import { CodecError, decode } from '../events/codec.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import { sleep } from '../runtime/timers.ts';

/** The time of the newest event of a commit, in ms since 1970. Throws with one line if it cannot be read. */
export const timeOf = ({ bytes, seq }: RawCommit, partition: number): number => {
  try {
    return decode(bytes).events.reduce((newest, { at }) => Math.max(newest, at), 0);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new Error(
      `the commit at position ${partition}:${seq} of the log cannot be read (${cause.message}); see oshi verify`,
      { cause },
    );
  }
};

/** Longer than times are precise: what is made after it has a later time, by any clock that runs. */
const tickMs = 5;

/**
 * The positions of one point in time of a log that is being written: for every commit up to them, all that was
 * acknowledged before it was made is up to them too. One partition is in order by itself. Of several, the heads are
 * read twice, and what is newer than all of the first reading is left out: then a commit that is still missing in the
 * second was not acknowledged when anything up to the cut was made.
 */
export const consistentCut = async (
  log: RawLog,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<number[]> => {
  const { partitions } = log.info;
  const heads = await headsOf(log);
  if (partitions === 1) return heads;
  const times = await Promise.all(heads.map((head, partition) => timeAt(log, partition, head)));
  const time = Math.max(...times);
  await wait(tickMs);
  const later = await headsOf(log);
  return Promise.all(
    heads.map((after, partition) =>
      lastUntil(log, partition, { after, upTo: later[partition] ?? after, time }),
    ),
  );
};

const headsOf = (log: RawLog): Promise<number[]> =>
  Promise.all(Array.from({ length: log.info.partitions }, (_, partition) => log.head(partition)));

const timeAt = async (log: RawLog, partition: number, head: number): Promise<number> => {
  const commit = head === 0 ? undefined : await log.firstFrom(partition, head);
  return commit ? timeOf(commit, partition) : 0;
};

/** The position of the last commit in a range before the first one that is later than `time`. */
const lastUntil = async (
  log: RawLog,
  partition: number,
  { after, upTo, time }: { readonly after: number; readonly upTo: number; readonly time: number },
): Promise<number> => {
  let last = after;
  for await (const batch of log.scan(partition, { after, upTo })) {
    for (const commit of batch) {
      if (timeOf(commit, partition) > time) return last;
      last = commit.seq;
    }
  }
  return last;
};
