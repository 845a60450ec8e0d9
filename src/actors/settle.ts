import { setTimeout as sleep } from 'node:timers/promises';
import type { Aggregate } from '../events/aggregate.ts';
import { type Commit, lastOf } from '../events/commit.ts';
import type { EventLog, Tail } from '../events/log.ts';

const triesMax = 6;
const firstPauseMs = 50;

/**
 * Finds out what became of a commit whose answer was lost: its tail if it stands in the log, undefined if it
 * does not, or if the log cannot say so for now. Whoever sent the command sends it again in either case, and is
 * recognised.
 */
export const settle = async (
  log: EventLog,
  aggregate: Aggregate,
  commit: Commit,
): Promise<Tail | undefined> => {
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      for await (const recorded of log.read(aggregate, { after: commit.n - 1 })) {
        if (recorded.commit.id !== commit.id) return undefined;
        return { n: lastOf(commit), hash: recorded.hash, seq: recorded.seq };
      }
      return undefined;
    } catch {
      await sleep(firstPauseMs * 2 ** tries);
    }
  }
  return undefined;
};
