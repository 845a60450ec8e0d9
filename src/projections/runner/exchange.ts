import type { Follower } from './follower.ts';
import type { Pair } from './following.ts';
import type { Roster } from './roster.ts';

/** What an exchange acts on. */
export type Exchanged = {
  readonly roster: Roster;
  readonly followers: readonly Follower[];
  /** Resolves when something has moved in a follower; rejects once the runner has ended. */
  readonly moved: () => Promise<void>;
};

/**
 * Waits until `to`, which has joined, stands where `from` stands in every partition; then holds all of them, so that no
 * batch is stored in one and not yet in the other, calls `onSwitch`, and leaves `from` out. If `from` has failed
 * before, `to` comes in its place once it is as far as all others. Rejects if `to` fails or the runner ends; nothing
 * has been switched then.
 */
export const exchanged = async (
  { roster, followers, moved }: Exchanged,
  { from, to }: Pair,
  onSwitch: () => void,
): Promise<void> => {
  const isEven = (): boolean =>
    followers.every((follower) => {
      const place = follower.checkpointOf(to);
      if (place === undefined) return false;
      return roster.has(from) ? place === follower.checkpointOf(from) : place >= follower.applied;
    });
  for (;;) {
    while (!isEven()) {
      await moved();
      if (!roster.has(to)) throw new Error(`${to} cannot take the place of ${from}: it has failed`);
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
