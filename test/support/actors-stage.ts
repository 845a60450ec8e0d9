import { onTestFinished } from 'vitest';
import { Actors, type ActorsOptions } from '../../src/actors/actors.ts';
import type { CircleCommand } from '../../src/actors/circle/commands.ts';
import type { StreamCommand } from '../../src/actors/stream/commands.ts';
import type { LookUpMessages } from '../../src/actors/stream/past.ts';
import { circleAggregate, streamAggregate } from '../../src/events/aggregate.ts';
import type { CircleId, StreamId, UserId } from '../../src/events/ids.ts';
import type { EventLog } from '../../src/events/log.ts';
import { numbered } from './chatter.ts';
import { by, circle, owner, stream } from './circle-past.ts';
import { epochMs } from './given.ts';
import { readAll } from './log-fixtures.ts';
import { memorySnapshots } from './tally.ts';

/** What actors look up where nothing is forgotten. */
export const lookUpNothing: LookUpMessages = async (_stream, _wanted, seq) => ({
  ...{ seq, messages: new Map(), reactions: new Set() },
});

/** Actors on a log, with what they report; they are stopped after the test. */
export const actorsStage = (log: EventLog, more: Partial<ActorsOptions> = {}) => {
  const errors: Error[] = [];
  const actors = new Actors({
    ...{ log, snapshots: memorySnapshots(), now: () => epochMs },
    lookUpMessages: lookUpNothing,
    onError: (error) => errors.push(error),
    ...more,
  });
  onTestFinished(() => actors.stop());

  const kinds = async (...at: [CircleId] | [CircleId, StreamId]): Promise<string[]> => {
    const [inCircle, inStream] = at;
    const aggregate = inStream ? streamAggregate(inCircle, inStream) : circleAggregate(inCircle);
    return (await readAll(log, aggregate)).flatMap(({ commit }) => commit.events.map(({ k }) => k));
  };

  return { actors, errors, kinds };
};

/** Commands as people give them. */
export const commands = {
  create: (visibility: 'public' | 'private' = 'public'): CircleCommand => ({
    ...by(owner),
    ...{ op: 'create-circle', id: circle, name: 'Tea', visibility, joined: 0 },
  }),
  addStream: (): CircleCommand => ({
    ...by(owner),
    ...{ op: 'create-stream', circle, id: stream, name: 'news' },
  }),
  join: (user: UserId, invite?: string): CircleCommand => ({
    ...by(user),
    ...{ op: 'join-circle', circle, joined: 0 },
    ...(invite !== undefined && { invite }),
  }),
  remove: (user: UserId): CircleCommand => ({
    ...by(owner),
    ...{ op: 'remove-member', circle, user, known: true },
  }),
  post: (user: UserId, id: number, where: string = circle): StreamCommand => ({
    ...{ ...by(user), circle, stream: where },
    ...{ op: 'post-message', id: numbered(id), text: 'hi', named: [] },
  }),
  edit: (user: UserId, id: number): StreamCommand => ({
    ...{ ...by(user), circle, stream: circle },
    ...{ op: 'edit-message', id: numbered(id), text: 'new', named: [] },
  }),
};

/** The stream that a circle is born with. */
export const general = circle as string as StreamId;
