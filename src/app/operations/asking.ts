import type { CircleCommand } from '../../actors/circle/commands.ts';
import { isRefusal } from '../../actors/decision.ts';
import type { Done, Outcome } from '../../actors/outcome.ts';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import type { UserCommand } from '../../actors/user/commands.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import type { Position } from '../../events/log.ts';
import { refused } from '../refusals.ts';
import type { Answer, OperationDeps } from './operation.ts';

/** The result of a command, and its position in the log. */
export type Settled = Omit<Done, 'seq'> & { readonly position: Position };

/** Called once the command is in its actor's inbox: later requests are decided after it. */
type OnEnqueued = () => void;

/** Sends commands to actors, and rejects with `Refused` if the actor refuses. */
export const createAsk = ({
  actors,
  partitionOf,
}: Pick<OperationDeps, 'actors' | 'partitionOf'>) => {
  const settle = async (key: string, outcome: Promise<Outcome>): Promise<Settled> => {
    const result = await outcome;
    if (isRefusal(result)) throw refused(result);
    const { seq, ...rest } = result;
    return { ...rest, position: { partition: partitionOf(key), seq } };
  };

  return {
    user(user: UserId, command: UserCommand, enqueued: OnEnqueued): Promise<Settled> {
      const outcome = actors.askUser(user, command);
      enqueued();
      return settle(user, outcome);
    },
    circle(circle: string, command: CircleCommand, enqueued: OnEnqueued): Promise<Settled> {
      const outcome = actors.askCircle(circle as CircleId, command);
      enqueued();
      return settle(circle, outcome);
    },
    stream(command: StreamCommand, enqueued: OnEnqueued): Promise<Settled> {
      const outcome = actors.askStream(command);
      enqueued();
      return settle(command.circle, outcome);
    },
  };
};

/** The answer to a command that has no body. */
export const withoutBody = async (settled: Promise<Settled>): Promise<Answer> => ({
  created: false,
  position: (await settled).position,
});
