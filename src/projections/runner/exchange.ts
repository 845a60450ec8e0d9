import type { Follower } from './follower.ts';
import type { Elsewhere, Pair } from './following.ts';
import type { Roster } from './roster.ts';

export type Exchanged = {
  readonly roster: Roster;
  readonly followers: readonly Follower[];
  readonly elsewhere: Pick<Elsewhere, 'covers'>;
  /** Resolves when a checkpoint has moved, here or elsewhere; rejects once the runner has ended. */
  readonly moved: () => Promise<void>;
  /** Called when the collections that count for `applied` have changed. */
  readonly onChange: () => void;
};

type Switched = Partial<Pair> & Pick<Pair, 'to'>;

/**
 * The second step of an exchange: waits until the other nodes, which follow the other partitions, have settled `to`;
 * then calls `onSwitch`, and removes `from`. Rejects if `to` fails or the runner ends; nothing is switched then.
 */
export const switchOver = async (
  parts: Exchanged,
  { from = '', to }: Switched,
  onSwitch: () => void,
): Promise<void> => {
  const { roster, followers, elsewhere, onChange } = parts;
  const isSettled = (follower: Follower): boolean =>
    follower.isAssigned
      ? isEven(roster, follower, { from, to })
      : elsewhere.covers(follower.partition, to);
  while (!followers.every(isSettled)) await movedWith(parts, to);
  onSwitch();
  roster.switchTo(to);
  roster.remove(from);
  for (const follower of followers) follower.leave(from);
  onChange();
};

/**
 * The first step of an exchange: waits until `to`, which has joined, has the checkpoints of `from` in every partition
 * that is followed here; from then on `applied` holds for both. Without a `from`, or if it has failed before, `to` is
 * settled once it is as far as all others. The followers are held for it, so that no batch is stored in one collection
 * and not yet in the other. Rejects if `to` fails or the runner ends.
 */
export const settle = async (parts: Exchanged, { from = '', to }: Switched): Promise<void> => {
  const { roster, followers, onChange } = parts;
  const isReady = (): boolean =>
    followers.every((each) => !each.isAssigned || isEven(roster, each, { from, to }));
  for (;;) {
    while (!isReady()) await movedWith(parts, to);
    const releases = await Promise.all(followers.map((follower) => follower.hold()));
    try {
      if (!isReady()) continue;
      roster.settle(to);
      return onChange();
    } finally {
      for (const release of releases) release();
    }
  }
};

const isEven = (roster: Roster, follower: Follower, { from = '', to }: Switched): boolean => {
  const seq = follower.checkpointOf(to);
  if (seq === undefined) return false;
  return roster.has(from) ? seq === follower.checkpointOf(from) : seq >= follower.applied;
};

const movedWith = async ({ roster, moved }: Exchanged, to: string): Promise<void> => {
  await moved();
  if (!roster.has(to)) throw new Error(`${to} cannot be switched over to: it has failed`);
};
