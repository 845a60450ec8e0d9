import type { Aggregate } from '../events/aggregate.ts';
import { type Commit, lastOf } from '../events/commit.ts';
import type { Tail } from '../events/log.ts';
import { sleep } from '../runtime/timers.ts';
import type { WriterLog } from './assignment.ts';

const pauseMs = 50;
const pauseMsMax = 1600;

/**
 * Looks up a commit whose answer was lost: returns its tail if it is in the log, undefined if it is not. Retries
 * until the log can be read, or until `isOver`: then undefined too. A command that is sent again is recognised in
 * either case.
 */
export const settle = async (
  log: Pick<WriterLog, 'read'>,
  { aggregate, commit }: { readonly aggregate: Aggregate; readonly commit: Commit },
  isOver: () => boolean,
): Promise<Tail | undefined> => {
  for (let tries = 0; ; tries++) {
    try {
      for await (const recorded of log.read(aggregate, { after: commit.n - 1 })) {
        if (recorded.commit.id !== commit.id) return undefined;
        return { n: lastOf(commit), hash: recorded.hash, seq: recorded.seq };
      }
      return undefined;
    } catch {
      if (isOver()) return undefined;
      await sleep(Math.min(pauseMsMax, pauseMs * 2 ** tries));
    }
  }
};
