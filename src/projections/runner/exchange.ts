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
  const isCovered = (): boolean =>
    followers.every(({ isAssigned, partition }) => isAssigned || elsewhere.covers(partition, to));
  while (!isCovered()) await movedWith(parts, to);
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
  const isEven = (): boolean =>
    followers.every((follower) => {
      if (!follower.isAssigned) return true;
      const seq = follower.checkpointOf(to);
      if (seq === undefined) return false;
      return roster.has(from) ? seq === follower.checkpointOf(from) : seq >= follower.applied;
    });
  for (;;) {
    while (!isEven()) await movedWith(parts, to);
    const releases = await Promise.all(followers.map((follower) => follower.hold()));
    try {
      if (!isEven()) continue;
      roster.settle(to);
      return onChange();
    } finally {
      for (const release of releases) release();
    }
  }
};

const movedWith = async ({ roster, moved }: Exchanged, to: string): Promise<void> => {
  await moved();
  if (!roster.has(to)) throw new Error(`${to} cannot be switched over to: it has failed`);
};
