import type { CircleCommand } from '../../actors/circle/commands.ts';
import type { Stamp } from '../../actors/command.ts';
import { isRefusal } from '../../actors/decision.ts';
import type { Done, Outcome } from '../../actors/outcome.ts';
import type { StreamCommand } from '../../actors/stream/commands.ts';
import type { UserCommand } from '../../actors/user/commands.ts';
import type { CircleId } from '../../events/ids.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import { Refused, refused } from '../refusals.ts';
import { circleFor } from '../views/circles.ts';
import type { Answer, OperationDeps, OperationRequest } from './operation.ts';

/** What every command takes from the request that it is sent for. */
type Asked = Pick<OperationRequest<unknown>, 'stamp' | 'enqueued'>;

/** The fields of a command that are its own. */
type Own<Command, Common = Stamp> = Command extends unknown ? Omit<Command, keyof Common> : never;

type StreamFields = Own<StreamCommand, Stamp & { circle: unknown; stream: unknown }>;

/** Commands with these events created something, for which HTTP returns 201. */
const creations: ReadonlySet<string> = new Set([
  'circle-created',
  'member-joined',
  'stream-created',
]);

/** Sends commands to actors, and rejects with `Refused` if the actor refuses. */
export const createAsk = ({ actors, barrier, models }: OperationDeps) => {
  const settle = async ({ enqueued }: Asked, outcome: Promise<Outcome>): Promise<Done> => {
    enqueued();
    const result = await outcome;
    if (isRefusal(result)) throw refused(result);
    return result;
  };

  /**
   * Answers with what is read once the read models have applied the command. Refuses with `not-found` if that is
   * nothing.
   */
  const answer = async (
    outcome: Promise<Done>,
    read: () => Promise<object | undefined>,
  ): Promise<Answer> => {
    const { events, position } = await outcome;
    await barrier.waitUntilApplied(position);
    const body = await read();
    if (!body) throw new Refused('not-found');
    return { created: events.some(({ k }) => creations.has(k)), body, position };
  };

  return {
    user: (asked: Asked, command: Own<UserCommand>): Promise<Done> =>
      settle(asked, actors.askUser(asked.stamp.by, { ...asked.stamp, ...command })),

    circle: (asked: Asked, circle: string, command: Own<CircleCommand>): Promise<Done> =>
      settle(asked, actors.askCircle(circle as CircleId, { ...asked.stamp, ...command })),

    /** `s`: the path of the stream. */
    stream: (asked: Asked, s: string, command: StreamFields): Promise<Done> =>
      settle(asked, actors.askStream({ ...asked.stamp, ...parseStreamPath(s), ...command })),

    answer,

    /** Answers with the circle as the user sees it, once the read models have applied the command. */
    withCircle: (circle: string, user: string, outcome: Promise<Done>): Promise<Answer> =>
      answer(outcome, async () => {
        const view = await circleFor(models, circle, user);
        return view && { circle: view };
      }),
  };
};

/** The answer to a command that has no body. */
export const withoutBody = async (settled: Promise<Done>): Promise<Answer> => ({
  created: false,
  position: (await settled).position,
});
