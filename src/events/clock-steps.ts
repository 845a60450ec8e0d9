import { type Aggregate, partitionOf } from './aggregate.ts';
import { decode } from './codec.ts';
import type { Commit } from './commit.ts';
import type { EventLog } from './log.ts';
import type { RawLog } from './raw-log.ts';

/** Events decided in one batch may be out of order by up to this much, in ms; that is not recorded. */
export const usualBackMs = 2000;

/** The latest time of a partition's events, and by how much an event was earlier than one before it, at most. */
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

/** Adds a commit to the times of its partition; returns it with `back` if the clock was ever set back. */
const withClockSteps = (commit: Commit, times: Times): Commit => {
  for (const { at } of commit.events) {
    if (at < times.top - usualBackMs) times.back = Math.max(times.back, times.top - at);
    times.top = Math.max(times.top, at);
  }
  return times.back === 0 ? commit : { ...commit, back: times.back };
};

/**
 * Completes the commits that this process appends: each records by how much a clock was set back before it, so that a
 * search by time knows how far events may be out of order. What others have appended to a partition is read from the
 * log before the first commit after `assign`.
 */
export class ClockSteps {
  readonly #log: Pick<EventLog, 'head' | 'at' | 'info'>;
  readonly #times = new Map<number, Times | Promise<Times>>();

  constructor(log: Pick<EventLog, 'head' | 'at' | 'info'>) {
    this.#log = log;
  }

  /** From now on this process appends to a partition. */
  assign(partition: number): void {
    this.#times.delete(partition);
  }

  /** The commit as it is to be appended. Rejects if the log cannot be read. */
  complete(aggregate: Aggregate, commit: Commit): Commit | Promise<Commit> {
    const partition = partitionOf(aggregate, this.#log.info.partitions);
    const times = this.#times.get(partition) ?? this.#load(partition);
    return times instanceof Promise
      ? times.then((loaded) => withClockSteps(commit, loaded))
      : withClockSteps(commit, times);
  }

  #load(partition: number): Promise<Times> {
    const loading = timesOf(this.#log, partition);
    const replace = (times?: Times): void => {
      if (this.#times.get(partition) !== loading) return;
      if (times) this.#times.set(partition, times);
      else this.#times.delete(partition);
    };
    this.#times.set(partition, loading);
    loading.then(replace, () => replace());
    return loading;
  }
}

/** By how much an event of a partition is earlier than one before it, at most, in ms. */
export const clockBackMs = async (log: Log, partition: number): Promise<number> =>
  Math.max(usualBackMs, (await lastCommit(log, partition))?.back ?? 0);

/** As `clockBackMs`, up to a position of a raw log. */
export const rawClockBackMs = async (
  log: Pick<RawLog, 'firstFrom'>,
  partition: number,
  seq: number,
): Promise<number> => {
  const last = seq === 0 ? undefined : await log.firstFrom(partition, seq);
  return Math.max(usualBackMs, (last && decode(last.bytes).back) ?? 0);
};
