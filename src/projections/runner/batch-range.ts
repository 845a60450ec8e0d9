import type { Recorded } from '../../events/log.ts';
import type { Plan } from './plan.ts';

/** A batch holds about this many events, or this many bytes of the log, whichever comes first. */
export const batchEventsMax = 2_000;
export const batchBytesMax = 1024 * 1024;

/** The part of the log that makes up one batch. */
export type BatchRange = {
  /** The position up to which it goes; the plan's `from` if nothing was left to do. */
  readonly to: number;
  /** The index of the first record that does not belong to it. */
  readonly next: number;
  readonly events: number;
};

/** The records from `start` on that one batch holds; those up to the plan's `from` are skipped. */
export const batchFrom = (records: readonly Recorded[], start: number, plan: Plan): BatchRange => {
  let to = plan.from;
  let events = 0;
  let bytes = 0;
  for (let at = start; at < records.length; at++) {
    const record = records[at] as Recorded;
    if (record.seq <= to) continue;
    if (record.seq > plan.until) return { to: plan.until, next: at, events };
    const more = record.commit.events.length;
    const isFull = events + more > batchEventsMax || bytes + record.size > batchBytesMax;
    if (isFull && events > 0) return { to, next: at, events };
    to = record.seq;
    events += more;
    bytes += record.size;
  }
  return { to, next: records.length, events };
};
