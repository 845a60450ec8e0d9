import { rawClockBackMs } from '../../events/clock-steps.ts';
import { decode } from '../../events/codec.ts';
import type { PositionRange, RawLog } from '../../events/raw-log.ts';

/** Times in the log are taken to be out of order by at least so much, in ms: logs of before do not say it. */
export const clockBackMsMax = 60 * 60 * 1000;

/** The last place of a stretch that a search finds before `time`, in ms since 1970; `after` if there is none. */
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
 * The part of a stretch that holds all events from `since` on and before `until`, and few others: found by search,
 * with a margin, as times stand in the log in order but for clocks that were set back, of which the log knows.
 */
export const rangeBetween = async (
  log: RawLog,
  stretch: PositionRange & { readonly partition: number },
  { since, until }: { readonly since?: number; readonly until?: number },
): Promise<PositionRange> => {
  if (since === undefined && until === undefined) return stretch;
  const back = Math.max(clockBackMsMax, await rawClockBackMs(log, stretch.partition, stretch.upTo));
  const after = since === undefined ? stretch.after : await lastBefore(log, stretch, since - back);
  const upTo = until === undefined ? stretch.upTo : await lastBefore(log, stretch, until + back);
  return { after, upTo: Math.max(after, upTo) };
};
