import { rawClockBackMs } from '../../events/clock-steps.ts';
import { decode } from '../../events/codec.ts';
import type { PositionRange, RawLog } from '../../events/raw-log.ts';

/** Times in the log may be out of order by at least so much, in ms: older logs do not record it. */
export const clockBackMsMax = 60 * 60 * 1000;

/** The last position of a range before `time`, in ms since 1970, by search; `after` if there is none. */
const lastBefore = async (
  log: RawLog,
  { partition, after, upTo }: PositionRange & { readonly partition: number },
  time: number,
): Promise<number> => {
  let before = after;
  let behind = upTo + 1;
  while (behind - before > 1) {
    const middle = Math.floor((before + behind) / 2);
    const commit = await log.firstFrom(partition, middle);
    const at = commit && commit.seq < behind ? decode(commit.bytes).events[0]?.at : undefined;
    if (commit && at !== undefined && at < time) before = commit.seq;
    else behind = middle;
  }
  return before;
};

/**
 * The part of a range that contains all events since `since` and before `until`, and few others. Found by search, with
 * a margin for clocks that were set back, which the log records.
 */
export const rangeBetween = async (
  log: RawLog,
  range: PositionRange & { readonly partition: number },
  { since, until }: { readonly since?: number; readonly until?: number },
): Promise<PositionRange> => {
  if (since === undefined && until === undefined) return range;
  const back = Math.max(clockBackMsMax, await rawClockBackMs(log, range.partition, range.upTo));
  const after = since === undefined ? range.after : await lastBefore(log, range, since - back);
  const upTo = until === undefined ? range.upTo : await lastBefore(log, range, until + back);
  return { after, upTo: Math.max(after, upTo) };
};
