import { isKnown } from '../../events/codec.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import { follow } from '../../events/follow.ts';
import type { EventLog, Recorded } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { monotonic } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import type { Reaction } from './reaction.ts';

export interface ReactionCheckpoints {
  load(name: string, partition: number): Promise<number>;
  save(name: string, partition: number, seq: number): Promise<void>;
}

export type ReactorOptions = {
  readonly log: EventLog;
  readonly reaction: Reaction;
  readonly checkpoints: ReactionCheckpoints;
  /**
   * Resolves when the read models have applied everything up to a position: nothing is reacted to before, so that
   * users who are notified of the consequence find its cause.
   */
  readonly waitUntilApplied: (position: Position) => Promise<void>;
  /** Whether all partitions are assigned at first; default: yes. */
  readonly isAssigned?: boolean;
  readonly onError: (error: Error) => void;
};

const retryMs = 1000;
/** What came after the last save is reacted to again after a crash, which changes nothing. */
const saveEveryMs = 1000;
/** Concurrent reactions, at most; their commands are sent in order, so each receiver gets them in order. */
const concurrentMax = 128;

/** Runs a reaction; what it throws synchronously becomes a rejection. */
const started = (
  { react }: Reaction,
  ...[event, aggregate]: Parameters<Reaction['react']>
): Promise<void> => {
  try {
    return react(event, aggregate);
  } catch (error) {
    return Promise.reject(error);
  }
};

const isFor = ({ kinds }: Reaction, event: LoggedEvent): boolean =>
  kinds.has(event.k) && isKnown(event);

const reactTo = async (reaction: Reaction, batch: readonly Recorded[]): Promise<void> => {
  let running: Promise<void>[] = [];
  for (const { aggregate, commit, seq } of batch) {
    for (const [index, event] of commit.events.entries()) {
      if (!isFor(reaction, event)) continue;
      running.push(started(reaction, { ...event, n: commit.n + index, seq }, aggregate));
    }
    if (running.length >= concurrentMax) {
      await settled(running);
      running = [];
    }
  }
  await settled(running);
};

/** Resolves when all have settled, so that none is still running after the batch has failed; rejects if one has. */
const settled = async (running: readonly Promise<void>[]): Promise<void> => {
  await Promise.allSettled(running);
  await Promise.all(running);
};

/** Resolves with a promise, or immediately when the signal aborts. */
const unlessAborted = (promise: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const over = () => resolve();
    signal.addEventListener('abort', over, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', over));
  });

export type Reactor = {
  /** Runs the reaction on a partition from its checkpoint on. */
  assign(partition: number): void;
  /** Resolves when the batch in progress is done and its checkpoint is saved: nothing more is sent for the partition. */
  revoke(partition: number): Promise<void>;
  stop(): Promise<void>;
};

/** Runs a reaction on every assigned partition from its checkpoint on, at least once per event; what fails is retried. */
export const startReactor = (options: ReactorOptions): Reactor => {
  const { log, reaction, checkpoints, waitUntilApplied, isAssigned = true, onError } = options;

  const run = async (partition: number, signal: AbortSignal): Promise<void> => {
    const after = await checkpoints.load(reaction.name, partition);
    let seq = after;
    let savedAt = 0;
    const save = async (): Promise<void> => {
      savedAt = monotonic();
      await checkpoints.save(reaction.name, partition, seq);
    };
    for await (const batch of follow(log, { partition, after }, signal)) {
      const causes = batch.filter(({ commit }) =>
        commit.events.some((event) => isFor(reaction, event)),
      );
      const cause = causes.at(-1);
      // Waiting has the read models apply everything at once: only for what is reacted to.
      if (cause) await unlessAborted(waitUntilApplied({ partition, seq: cause.seq }), signal);
      if (signal.aborted) break;
      await reactTo(reaction, causes);
      seq = batch.at(-1)?.seq ?? seq;
      if (monotonic() - savedAt >= saveEveryMs) await save();
    }
    await save();
  };

  const retry = async (partition: number, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await run(partition, signal);
      } catch (cause) {
        if (signal.aborted) return;
        onError(new Error(`the reaction ${reaction.name} failed and will be retried`, { cause }));
        await sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  };

  type Run = { readonly stopping: AbortController; readonly ended: Promise<void> };
  const runs = new Map<number, Run>();

  const assign = (partition: number): void => {
    const before = runs.get(partition);
    if (before && !before.stopping.signal.aborted) return;
    const stopping = new AbortController();
    const start = () => retry(partition, stopping.signal);
    runs.set(partition, { stopping, ended: before ? before.ended.then(start) : start() });
  };
  const revoke = async (partition: number): Promise<void> => {
    const run = runs.get(partition);
    run?.stopping.abort();
    await run?.ended;
  };

  if (isAssigned) {
    for (let partition = 0; partition < log.info.partitions; partition++) assign(partition);
  }
  return {
    assign,
    revoke,
    async stop() {
      await Promise.all([...runs.keys()].map(revoke));
    },
  };
};
