import type { CircleCommand } from '../../actors/circle/commands.ts';
import { isRefusal } from '../../actors/decision.ts';
import type { Done, Outcome } from '../../actors/outcome.ts';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import type { UserCommand } from '../../actors/user/commands.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import { refused } from '../refusals.ts';
import type { Answer, OperationDeps } from './operation.ts';

/** Called once the command is in its actor's inbox: later requests are decided after it. */
type OnEnqueued = () => void;

/** Sends commands to actors, and rejects with `Refused` if the actor refuses. */
export const createAsk = ({ actors }: Pick<OperationDeps, 'actors'>) => {
  const settle = async (outcome: Promise<Outcome>): Promise<Done> => {
    const result = await outcome;
    if (isRefusal(result)) throw refused(result);
    return result;
  };

  return {
    user(user: UserId, command: UserCommand, enqueued: OnEnqueued): Promise<Done> {
      const outcome = actors.askUser(user, command);
      enqueued();
      return settle(outcome);
    },
    circle(circle: string, command: CircleCommand, enqueued: OnEnqueued): Promise<Done> {
      const outcome = actors.askCircle(circle as CircleId, command);
      enqueued();
      return settle(outcome);
    },
    stream(command: StreamCommand, enqueued: OnEnqueued): Promise<Done> {
      const outcome = actors.askStream(command);
      enqueued();
      return settle(outcome);
    },
  };
};

/** The answer to a command that has no body. */
export const withoutBody = async (settled: Promise<Done>): Promise<Answer> => ({
  created: false,
  position: (await settled).position,
});
