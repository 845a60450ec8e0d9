import { createHash } from 'node:crypto';
import type { Aggregate } from '../../src/events/aggregate.ts';
import type { Commit } from '../../src/events/commit.ts';
import { type EventLog, emptyTail, type Tail } from '../../src/events/log.ts';
import type { Draft } from './round.ts';

/** An id that follows from where the commit stands, so that a log can be written twice the same. */
const idOf = (aggregate: Aggregate, n: number): string => {
  const hex = createHash('sha256').update(`${aggregate}/${n}`).digest('hex');
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end))
    .join('-');
};

const commitOf = ({ aggregate, events }: Draft, { n, hash }: Tail): Commit => ({
  id: idOf(aggregate, n + 1),
  n: n + 1,
  prev: hash,
  term: 1,
  events,
});

/**
 * Appends rounds of commits, the commits of one round together; `onProgress` is told how many events are durable.
 * Resolves with that number.
 */
export const write = async (
  log: EventLog,
  rounds: Iterable<readonly Draft[]>,
  onProgress: (events: number) => void,
): Promise<number> => {
  const tails = new Map<Aggregate, Tail>();
  let events = 0;
  for (const drafts of rounds) {
    const appended = drafts.map(async (draft) => {
      const after = tails.get(draft.aggregate) ?? emptyTail;
      const tail = await log.append(draft.aggregate, commitOf(draft, after), after);
      tails.set(draft.aggregate, tail);
      events += draft.events.length;
    });
    await Promise.all(appended);
    onProgress(events);
  }
  return events;
};
