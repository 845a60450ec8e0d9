import { setMaxListeners } from 'node:events';
import { isKnown } from '../../events/codec.ts';
import { follow } from '../../events/follow.ts';
import type { EventLog, Recorded } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { monotonic } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import type { Reaction } from './reaction.ts';

/** Where reactions keep how far they have come. */
export interface ReactionCheckpoints {
  load(name: string, partition: number): Promise<number>;
  save(name: string, partition: number, seq: number): Promise<void>;
}

export type ReactorOptions = {
  readonly log: EventLog;
  readonly reaction: Reaction;
  readonly checkpoints: ReactionCheckpoints;
  /**
   * Resolves when the read models show all up to a position: nothing is reacted to before, so that whoever is told
   * of what follows finds what it follows from.
   */
  readonly shown: (position: Position) => Promise<void>;
  readonly onError: (error: Error) => void;
};

const retryMs = 1000;
/** What came since the last save is reacted to again after a crash, which changes nothing. */
const saveEveryMs = 1000;
/** Reactions that run at once; their commands were sent in order, so each receiver sees them in order. */
const concurrentMax = 128;

/** What a reaction does about an event; what it throws at once is awaited like the rest. */
const begun = (
  { react }: Reaction,
  ...[event, aggregate]: Parameters<Reaction['react']>
): Promise<void> | undefined => {
  try {
    return react(event, aggregate);
  } catch (error) {
    return Promise.reject(error);
  }
};

const reactTo = async (reaction: Reaction, batch: readonly Recorded[]): Promise<void> => {
  let running: Promise<void>[] = [];
  for (const { aggregate, commit, seq } of batch) {
    for (const [index, event] of commit.events.entries()) {
      if (!isKnown(event)) continue;
      const reacting = begun(reaction, { ...event, n: commit.n + index, seq }, aggregate);
      if (reacting !== undefined) running.push(reacting);
    }
    if (running.length >= concurrentMax) {
      await Promise.all(running);
      running = [];
    }
  }
  await Promise.all(running);
};

/** Resolves with a promise, or at once when the signal says so. */
const unlessAborted = (promise: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const over = () => resolve();
    signal.addEventListener('abort', over, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', over));
  });

/**
 * Runs a reaction on every partition from its checkpoint on, at least once per event; what fails is tried
 * again until it does not. Resolves with a function that stops it after the batch at hand.
 */
export const startReactor = (options: ReactorOptions) => {
  const { log, reaction, checkpoints, shown, onError } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  // Each partition listens to it, once as it waits for the log and once for the read models.
  setMaxListeners(2 * log.info.partitions, signal);

  const run = async (partition: number): Promise<void> => {
    const after = await checkpoints.load(reaction.name, partition);
    let seq = after;
    let savedAt = 0;
    const save = async (): Promise<void> => {
      savedAt = monotonic();
      await checkpoints.save(reaction.name, partition, seq);
    };
    for await (const batch of follow(log, { partition, after }, signal)) {
      const last = batch.at(-1)?.seq ?? seq;
      await unlessAborted(shown({ partition, seq: last }), signal);
      if (signal.aborted) break;
      await reactTo(reaction, batch);
      seq = last;
      if (monotonic() - savedAt >= saveEveryMs) await save();
    }
    await save();
  };

  const persist = async (partition: number): Promise<void> => {
    while (!signal.aborted) {
      try {
        await run(partition);
      } catch (cause) {
        if (signal.aborted) return;
        onError(
          new Error(`the reaction ${reaction.name} failed and will be tried again`, { cause }),
        );
        await sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  };

  const running = Array.from({ length: log.info.partitions }, (_, partition) => persist(partition));
  return async (): Promise<void> => {
    stopping.abort();
    await Promise.all(running);
  };
};
