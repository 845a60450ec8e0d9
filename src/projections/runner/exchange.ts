import type { Follower } from './follower.ts';
import type { Pair } from './following.ts';
import type { Roster } from './roster.ts';

export type Exchanged = {
  readonly roster: Roster;
  readonly followers: readonly Follower[];
  /** Resolves when a checkpoint has moved; rejects once the runner has ended. */
  readonly moved: () => Promise<void>;
};

/**
 * Waits until `to`, which has joined, has the checkpoints of `from` in every partition; then holds all followers, so
 * that no batch is stored in one and not yet in the other, calls `onSwitch`, and removes `from`. If there is
 * no `from`, or it has failed before, `to` is added once it is as far as all others. Rejects if `to` fails or the
 * runner ends; nothing has * been switched then.
 */
export const exchanged = async (
  { roster, followers, moved }: Exchanged,
  { from = '', to }: Partial<Pair> & Pick<Pair, 'to'>,
  onSwitch: () => void,
): Promise<void> => {
  const isEven = (): boolean =>
    followers.every((follower) => {
      const seq = follower.checkpointOf(to);
      if (seq === undefined) return false;
      return roster.has(from) ? seq === follower.checkpointOf(from) : seq >= follower.applied;
    });
  for (;;) {
    while (!isEven()) {
      await moved();
      if (!roster.has(to)) throw new Error(`${to} cannot be switched over to: it has failed`);
    }
    const releases = await Promise.all(followers.map((follower) => follower.hold()));
    try {
      if (!isEven()) continue;
      onSwitch();
      roster.settle(to);
      roster.remove(from);
      for (const follower of followers) follower.leave(from);
      return;
    } finally {
      for (const release of releases) release();
    }
  }
};
