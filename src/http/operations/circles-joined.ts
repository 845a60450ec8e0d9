import { limits as domain } from '../../actors/limits.ts';
import { limits } from '../limits.ts';
import type { Caller } from '../sessions.ts';
import type { OperationDeps } from './operation.ts';

/**
 * In how many circles somebody is. The rows of those that were deleted stay, so these are looked for once there are as
 * many rows as there may be circles.
 */
export const circlesJoined = async (
  { models, reader }: OperationDeps,
  { user, seen }: Caller,
): Promise<number> => {
  const rows = await models.memberships.count(user, domain.circlesPerUserMax);
  if (rows < domain.circlesPerUserMax) return rows;
  await reader.ready(seen);
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
