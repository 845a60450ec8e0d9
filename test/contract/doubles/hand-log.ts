import type { Aggregate } from '../../../src/events/aggregate.ts';
import type { Commit } from '../../../src/events/commit.ts';
import { AppendFailure, type AppendFailureReason, type Tail } from '../../../src/events/log.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { type MemoryLog, memoryLog } from './memory-log.ts';

/** An append that waits for the test to say what becomes of it. */
export type HeldAppend = {
  readonly aggregate: Aggregate;
  readonly commit: Commit;
  /** It becomes durable and is acknowledged. */
  succeed(): Promise<void>;
  /** It is refused; only after `unknown` may it have been `written` all the same. */
  fail(reason: AppendFailureReason, written?: 'written'): Promise<void>;
};

export type HandLog = {
  readonly log: MemoryLog;
  /** All appends that were ever asked for. */
  readonly appends: readonly Commit[];
  /** The oldest append that waits; waits for one if there is none. */
  next(): Promise<HeldAppend>;
  /** What `read` does first. */
  beforeRead: () => Promise<void>;
};

const untilMsMax = 4000;

/** Waits for a condition by letting everything go on that can; fails when nothing brings it about. */
export const until = async (condition: () => boolean, what = 'the condition'): Promise<void> => {
  for (const deadline = performance.now() + untilMsMax; !condition(); await settle()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come about`);
  }
};

/** A log in memory whose appends the test releases by hand, and whose reads it can hold up. */
export const handLog = (): HandLog => {
  const memory = memoryLog();
  const appends: Commit[] = [];
  const held: HeldAppend[] = [];

  const hold = (aggregate: Aggregate, commit: Commit, after: Tail): Promise<Tail> =>
    new Promise((resolve, reject) => {
      appends.push(commit);
      const write = () => memory.append(aggregate, commit, after);
      held.push({
        aggregate,
        commit,
        async succeed() {
          await write().then(resolve, reject);
          await settle();
        },
        async fail(reason, written) {
          if (written) await write();
          reject(new AppendFailure(reason, `the test says ${reason}`));
          await settle();
        },
      });
    });

  const hand: HandLog = {
    log: {
      ...memory,
      append: hold,
      async *read(aggregate, options) {
        await hand.beforeRead();
        yield* memory.read(aggregate, options);
      },
    },
    appends,
    async next() {
      await until(() => held.length > 0, 'an append');
      const [oldest] = held.splice(0, 1);
      if (!oldest) throw new Error('no append waits');
      return oldest;
    },
    beforeRead: async () => {},
  };
  return hand;
};
