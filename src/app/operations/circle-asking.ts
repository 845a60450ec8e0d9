import type { CircleCommand } from '../../actors/circle/commands.ts';
import type { Done } from '../../actors/outcome.ts';
import type { CircleId } from '../../events/ids.ts';
import { Refused } from '../refusals.ts';
import { circleFor } from '../views/circles.ts';
import { type Answer, done, type OperationDeps } from './operation.ts';

/** Whether a command made something, or somebody a member: what HTTP calls 201. */
const bringsNew = ({ events }: Done): boolean =>
  events.some(({ k }) => k === 'circle-created' || k === 'member-joined');

/** How operations ask a circle, and the two kinds of answer that they give. */
export const circleAsking = ({ actors, models, barrier, partitionOf }: OperationDeps) => {
  const positionIn = (circle: string, { seq }: Done) => ({ partition: partitionOf(circle), seq });
  return {
    positionIn,

    ask: (circle: string, command: CircleCommand, handed: () => void): Promise<Done> => {
      const outcome = actors.askCircle(circle as CircleId, command);
      handed();
      return done(outcome);
    },

    /** The circle as a user sees it once the read models show the command's effect. */
    withCircle: async (circle: string, user: string, outcome: Promise<Done>): Promise<Answer> => {
      const settled = await outcome;
      const position = positionIn(circle, settled);
      await barrier.waitUntilApplied(position);
      const view = await circleFor(models, circle, user);
      if (!view) throw new Refused('not-found');
      return { created: bringsNew(settled), body: { circle: view }, position };
    },

    withNothing: async (circle: string, outcome: Promise<Done>): Promise<Answer> => ({
      created: false,
      position: positionIn(circle, await outcome),
    }),
  };
};
