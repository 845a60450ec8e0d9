import { type Refusal, type RefusalCode, refuse } from '../decision.ts';
import type { CircleState } from './state.ts';

/**
 * Refuses whoever is not a member: `inside` for a public circle, which everybody may see, and `not-found` for a
 * private one and for none, which must look alike.
 */
export const forbidOutsider = (
  circle: CircleState,
  by: string,
  inside: RefusalCode = 'forbidden',
): Refusal | undefined => {
  if (circle.status === 'open' && circle.members.has(by)) return undefined;
  const seen = circle.status === 'open' && circle.visibility === 'public';
  return refuse(seen ? inside : 'not-found');
};

/** Whether somebody may change the circle, its streams, its invites and its members. */
export const isManager = (circle: CircleState, by: string): boolean =>
  circle.status === 'open' && circle.owner === by;

/** Refuses whoever may not manage the circle: outsiders as above, members with `forbidden`. */
export const forbidSubject = (circle: CircleState, by: string): Refusal | undefined =>
  isManager(circle, by) ? undefined : (forbidOutsider(circle, by) ?? refuse('forbidden'));
