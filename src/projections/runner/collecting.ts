import type { Intake } from '../../events/intake.ts';
import type { Pause } from './pause.ts';
import type { Waiters } from './waiters.ts';

/** What a follower collects into, and what ends it. */
export type Collecting = {
  readonly intake: Intake;
  readonly waiters: Waiters;
  readonly pause: Pause;
  readonly isOver: () => boolean;
};

/** How long events are collected in any case, in ms, and the number of commits that ends it after that. */
const momentMs = 15;
const commitsEnough = 32;

/**
 * Collects events for the next batch for up to so many ms, so that a stream of them costs fewer writes. Ends
 * immediately when a caller waits.
 */
export const collect = async (collecting: Collecting, collectMs: number): Promise<void> => {
  const { intake, waiters, pause, isOver } = collecting;
  const mayCollect = (): boolean => !(waiters.waiting || isOver());
  const firstMs = Math.min(collectMs, momentMs);
  waiters.onWait = () => pause.end();
  if (firstMs > 0 && mayCollect()) await pause.of(firstMs);
  if (collectMs > firstMs && mayCollect()) {
    void intake.arrival(commitsEnough).then(() => pause.end());
    await pause.of(collectMs - firstMs);
    intake.wake();
  }
  waiters.onWait = undefined;
};
