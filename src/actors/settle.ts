import type { Aggregate } from '../events/aggregate.ts';
import { type Commit, lastOf } from '../events/commit.ts';
import { AppendFailure, type Tail } from '../events/log.ts';
import { sleep } from '../runtime/timers.ts';
import { Unassigned, type WriterLog } from './assignment.ts';

const pauseMs = 50;
const pauseMsMax = 1600;

/** A commit, and the tail that it follows. */
type Unsettled = {
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

type SettleOptions = {
  /** Whether the world that it was decided against is the same, so that it may be appended now. */
  readonly isCurrent: () => boolean;
  /** Resolves when no append is in flight that it must not come behind. */
  readonly worldSettled: () => Promise<void>;
  readonly isOver: () => boolean;
};

/**
 * Finds out what became of a commit whose answer was lost: returns its tail if it is in the log, undefined if it is
 * not, and never will be. Retries until the log answers, or until `isOver`: then undefined too. A command that is sent
 * again is recognised in either case.
 *
 * What is not found may still be stored later. So it is appended again, until it or another commit is in its place. A
 * message must not come behind the removal of its author, though: if the world has changed, that change is awaited,
 * behind which nothing is stored that was sent before it.
 */
const settle = async (
  log: SettlingLog,
  unsettled: Unsettled,
  { isCurrent, worldSettled, isOver }: SettleOptions,
): Promise<Tail | undefined> => {
  const attempt = async (): Promise<Tail | 'lost' | 'unknown'> => {
    if (!isCurrent()) await worldSettled();
    const wasCurrent = isCurrent();
    const found = await lookUp(log, unsettled);
    if (typeof found === 'object') return found;
    if (found === 'replaced' || !wasCurrent || isOver()) return 'lost';
    return isCurrent() ? appendAgain(log, unsettled) : 'unknown';
  };
  for (let tries = 0; ; tries++) {
    const result = await attempt().catch(() => (isOver() ? 'lost' : 'unknown'));
    if (typeof result === 'object') return result;
    if (result === 'lost') return undefined;
    await sleep(Math.min(pauseMsMax, pauseMs * 2 ** tries));
  }
};

const appendAgain = async (
  log: SettlingLog,
  { aggregate, commit, after }: Unsettled,
): Promise<Tail | 'lost' | 'unknown'> => {
  try {
    return await log.append(aggregate, commit, after);
  } catch (error) {
    if (error instanceof Unassigned) return 'lost';
    return error instanceof AppendFailure && error.reason === 'full' ? 'lost' : 'unknown';
  }
};

/**
 * Appends a commit; resolves with its tail once it is in the log. Rejects as the log does, also after an answer was
 * lost, once it is known that it is not in the log.
 */
export const appendSettled = async (
  log: SettlingLog,
  unsettled: Unsettled,
  options: SettleOptions,
): Promise<Tail> => {
  const { aggregate, commit, after } = unsettled;
  try {
    return await log.append(aggregate, commit, after);
  } catch (error) {
    const isUnknown = error instanceof AppendFailure && error.reason === 'unknown';
    const stored = isUnknown ? await settle(log, unsettled, options) : undefined;
    if (stored) return stored;
    throw error;
  }
};
