import { limits as domain } from '../../actors/limits.ts';
import type { Done } from '../../actors/outcome.ts';
import type { Position } from '../../events/log.ts';
import { limits } from '../limits/limits.ts';
import type { Caller } from '../sessions/sessions.ts';
import type { OperationDeps } from './operation.ts';
import { takingTurns } from './turns.ts';

/**
 * In how many circles somebody is. The rows of those that were deleted stay, so these are looked for once there are as
 * many rows as there may be circles.
 */
const circlesJoined = async (
  { models, barrier }: OperationDeps,
  { user, seen }: Caller,
): Promise<number> => {
  const rows = await models.memberships.count(user, domain.circlesPerUserMax);
  if (rows < domain.circlesPerUserMax) return rows;
  await barrier.waitForSession(seen);
  let circles = 0;
  let after: string | undefined;
  do {
    const page = { ...(after !== undefined && { after }), limit: limits.pageMax };
    const ids = (await models.memberships.ofUser(user, page, 'circle')).map((row) => row.circle);
    circles += (await models.circles.getMany(ids)).size;
    after = ids.length === limits.pageMax ? ids.at(-1) : undefined;
  } while (after !== undefined && circles < domain.circlesPerUserMax);
  return circles;
};

/**
 * Has one command of a user at a time that may make them a member of a circle, and gives it the number of circles that
 * they are in, those of all commands before it among them: so that many at a time do not pass the limit together.
 * Refuses with `unavailable` when the read models do not show the one before in time.
 */
export const joiningCircles = (deps: OperationDeps) => {
  const { barrier, partitionOf } = deps;
  const inTurn = takingTurns();
  /** Where the last command of a user is in the log, until the read models show it. */
  const unshown = new Map<string, Position>();

  const whenShown = async (user: string): Promise<void> => {
    const position = unshown.get(user);
    if (position) await barrier.waitUntilApplied(position);
    unshown.delete(user);
  };

  return (
    { caller, circle }: { readonly caller: Caller; readonly circle: string },
    join: (joined: number) => Promise<Done>,
  ): Promise<Done> =>
    inTurn(caller.user, async () => {
      await whenShown(caller.user);
      const settled = await join(await circlesJoined(deps, caller));
      unshown.set(caller.user, { partition: partitionOf(circle), seq: settled.seq });
      await whenShown(caller.user);
      return settled;
    });
};

export type JoiningCircles = ReturnType<typeof joiningCircles>;
