import { type Aggregate, partitionOf } from './aggregate.ts';
import { decode } from './codec.ts';
import type { Commit } from './commit.ts';
import type { EventLog } from './log.ts';
import type { RawLog } from './raw-log.ts';

/** Events of commands that are decided together may be out of order by so much, in ms; that is not noted. */
export const usualBackMs = 2000;

/** The latest time of a partition's events, and by how much an event was earlier than one before it, both at most. */
type Times = { top: number; back: number };

type Log = Pick<EventLog, 'head' | 'at'>;

const lastCommit = async (log: Log, partition: number): Promise<Commit | undefined> => {
  const head = await log.head(partition);
  return head === 0 ? undefined : (await log.at(partition, [head]))[0]?.commit;
};

const timesOf = async (log: Log, partition: number): Promise<Times> => {
  const last = await lastCommit(log, partition);
  const at = last?.events.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const back = last?.back ?? 0;
  return { top: at + Math.max(usualBackMs, back), back };
};

/** Adds a commit to the times of its partition; gives it as it is to be appended. */
const noted = (commit: Commit, times: Times): Commit => {
  for (const { at } of commit.events) {
    if (at < times.top - usualBackMs) times.back = Math.max(times.back, times.top - at);
    times.top = Math.max(times.top, at);
  }
  return times.back === 0 ? commit : { ...commit, back: times.back };
};

/**
 * Prepares the commits that a process appends: each says by how much a clock was set back before it, so that a search by
 * time knows how far the events may be out of order. For the one process that appends.
 */
export const openClockSteps = async (
  log: Pick<EventLog, 'head' | 'at' | 'info'>,
): Promise<(aggregate: Aggregate, commit: Commit) => Commit> => {
  const { partitions } = log.info;
  const all = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => timesOf(log, partition)),
  );
  return (aggregate, commit) => {
    const times = all[partitionOf(aggregate, partitions)];
    return times ? noted(commit, times) : commit;
  };
};

/** By how much an event of a partition is earlier than one before it, at most, in ms. */
export const clockBackMs = async (log: Log, partition: number): Promise<number> =>
  Math.max(usualBackMs, (await lastCommit(log, partition))?.back ?? 0);

/** As `clockBackMs`, up to a place of a log that is read as it is kept. */
export const rawClockBackMs = async (
  log: Pick<RawLog, 'firstFrom'>,
  partition: number,
  place: number,
): Promise<number> => {
  const last = place === 0 ? undefined : await log.firstFrom(partition, place);
  return Math.max(usualBackMs, (last && decode(last.bytes).back) ?? 0);
};
