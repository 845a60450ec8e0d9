import type { Done } from '../../actors/outcome.ts';
import { Refused } from '../refusals.ts';
import { circleFor } from '../views/circles.ts';
import type { Answer, OperationDeps } from './operation.ts';

/** Whether a command created a circle or a membership, for which HTTP returns 201. */
const isNew = ({ events }: Done): boolean =>
  events.some(({ k }) => k === 'circle-created' || k === 'member-joined');

/** Answers with the circle as the user sees it, once the read models have applied the command. */
export const withCircle = async (
  { models, barrier }: OperationDeps,
  { circle, user }: { readonly circle: string; readonly user: string },
  outcome: Promise<Done>,
): Promise<Answer> => {
  const settled = await outcome;
  const { position } = settled;
  await barrier.waitUntilApplied(position);
  const view = await circleFor(models, circle, user);
  if (!view) throw new Refused('not-found');
  return { created: isNew(settled), body: { circle: view }, position };
};
