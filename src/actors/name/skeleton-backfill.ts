import type { UserId } from '../../events/ids.ts';
import { sleep } from '../../runtime/timers.ts';
import { isRefusal } from '../decision.ts';
import type { ActorsPort } from '../port.ts';
import { skeletonKeyOf } from './skeleton.ts';

export type NamedAccount = { readonly user: UserId; readonly username: string };

export type SkeletonBackfillOptions = {
  readonly actors: Pick<ActorsPort, 'askName'>;
  /** All accounts in the order of their registration, in pages. */
  readonly accounts: () => AsyncIterable<readonly NamedAccount[]>;
  /** Whether this log was processed before, and the mark that it was. */
  readonly progress: { isDone(): Promise<boolean>; done(): Promise<void> };
  readonly now: () => number;
  readonly onError: (error: Error) => void;
  readonly retryMs?: number;
};

/**
 * Claims the skeletons of usernames that were registered before skeletons were claimed, once for a log. The first of
 * those that look alike gets the skeleton, and the others keep their names. Failures are retried, and repeating it
 * changes nothing. `done` resolves when it has finished; `stop` ends it after the account in progress.
 */
export const startSkeletonBackfill = (options: SkeletonBackfillOptions) => {
  const { actors, accounts, progress, now, onError, retryMs = 5000 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  const claim = async ({ user, username }: NamedAccount): Promise<void> => {
    const command = { op: 'claim-name', by: user, at: now() } as const;
    const outcome = await actors.askName(skeletonKeyOf(username), command);
    if (isRefusal(outcome) && outcome.refused !== 'username-taken') {
      throw new Error(`the skeleton of the username of ${user}: ${outcome.refused}`);
    }
  };

  const run = async (): Promise<void> => {
    if (await progress.isDone()) return;
    for await (const page of accounts()) {
      for (const account of page) {
        if (signal.aborted) return;
        await claim(account);
      }
    }
    await progress.done();
  };

  const persist = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        return await run();
      } catch (cause) {
        if (signal.aborted) return;
        onError(
          new Error('claiming the skeletons of usernames failed and will be retried', { cause }),
        );
        await sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  };

  const done = persist();
  return {
    done,
    stop: (): void => stopping.abort(),
  };
};
