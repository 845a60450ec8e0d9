import type { Aggregate } from '../events/aggregate.ts';
import { type Commit, lastOf } from '../events/commit.ts';
import { AppendFailure, type Tail } from '../events/log.ts';
import { sleep } from '../runtime/timers.ts';
import type { WriterLog } from './assignment.ts';

const pauseMs = 50;
const pauseMsMax = 1600;

/** A commit whose append was not answered, and the tail that it follows. */
export type Unsettled = {
  readonly aggregate: Aggregate;
  readonly commit: Commit;
  readonly after: Tail;
};

type SettlingLog = Pick<WriterLog, 'append' | 'read'>;

/** The tail of the commit, if it is in the log; `replaced`: another one is in its place; `absent`: none is. */
const lookUp = async (
  log: SettlingLog,
  { aggregate, commit, after }: Unsettled,
): Promise<Tail | 'replaced' | 'absent'> => {
  for await (const recorded of log.read(aggregate, { after: after.n })) {
    if (recorded.commit.id !== commit.id) return 'replaced';
    return { n: lastOf(commit), hash: recorded.hash, seq: recorded.seq };
  }
  return 'absent';
};

const isFull = (error: unknown): boolean =>
  error instanceof AppendFailure && error.reason === 'full';

export type SettleOptions = {
  /** Whether a commit that is not found is appended again, rather than taken for lost. */
  readonly isAppendedAgain: boolean;
  readonly isOver: () => boolean;
};

/**
 * Finds out what became of a commit whose answer was lost: returns its tail if it is in the log, undefined if it is
 * not. Retries until the log can be read, or until `isOver`: then undefined too. A command that is sent again is
 * recognised in either case.
 *
 * What is not found may still be stored later, before anything that is appended from now on. If others decide against
 * the state, that would put the message of a user behind their removal, for example: then the commit is appended again
 * until it, or another one, is in its place.
 */
export const settle = async (
  log: SettlingLog,
  unsettled: Unsettled,
  { isAppendedAgain, isOver }: SettleOptions,
): Promise<Tail | undefined> => {
  const { aggregate, commit, after } = unsettled;
  for (let tries = 0; ; tries++) {
    const found = await lookUp(log, unsettled).catch(() => undefined);
    if (typeof found === 'object') return found;
    if (found === 'replaced' || isOver()) return undefined;
    if (found === 'absent' && !isAppendedAgain) return undefined;
    if (found === 'absent') {
      try {
        return await log.append(aggregate, commit, after);
      } catch (error) {
        if (isFull(error)) return undefined;
      }
    }
    await sleep(Math.min(pauseMsMax, pauseMs * 2 ** tries));
  }
};
