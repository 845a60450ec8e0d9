import { limits as domain } from '../../actors/limits.ts';
import type { Done } from '../../actors/outcome.ts';
import type { Position } from '../../events/position.ts';
import { limits } from '../limits/limits.ts';
import { allPages } from '../pages.ts';
import type { Caller } from '../sessions/sessions.ts';
import { keyedQueue } from './keyed-queue.ts';
import type { OperationDeps } from './operation.ts';

type JoiningDeps = Pick<OperationDeps, 'models' | 'barrier'>;

/**
 * How many circles a user is a member of. The rows of deleted circles remain, so they are subtracted once the rows reach
 * the limit.
 */
const circlesJoined = async (
  { models, barrier }: JoiningDeps,
  { user, seen }: Caller,
): Promise<number> => {
  const rows = await models.memberships.count(user, domain.circlesPerUserMax);
  if (rows < domain.circlesPerUserMax) return rows;
  await barrier.waitForSession(seen);
  let circles = 0;
  const memberships = allPages(
    limits.pageMax,
    (page) => models.memberships.ofUser(user, page, 'circle'),
    ({ circle }) => circle,
  );
  for await (const rows of memberships) {
    circles += (await models.circles.getMany(rows.map(({ circle }) => circle))).size;
    if (circles >= domain.circlesPerUserMax) break;
  }
  return circles;
};

/**
 * Serializes the commands by which a user may become a member, and passes each the number of circles joined so far, so
 * that concurrent commands cannot exceed the limit together. Refuses with `unavailable` if the read models do not apply
 * the command before in time.
 */
export const joiningCircles = (deps: JoiningDeps) => {
  const inOrder = keyedQueue();
  /** The position of each user's last command, until the read models have applied it. */
  const unapplied = new Map<string, Position>();

  const whenApplied = async (user: string): Promise<void> => {
    const position = unapplied.get(user);
    if (position) await deps.barrier.waitUntilApplied(position);
    unapplied.delete(user);
  };

  return (caller: Caller, join: (joined: number) => Promise<Done>): Promise<Done> =>
    inOrder(caller.user, async () => {
      await whenApplied(caller.user);
      const settled = await join(await circlesJoined(deps, caller));
      unapplied.set(caller.user, settled.position);
      await whenApplied(caller.user);
      return settled;
    });
};

export type JoiningCircles = ReturnType<typeof joiningCircles>;
