import type { Actors } from './actors/actors.ts';
import type { MembersOf } from './actors/reactions/circle-membership.ts';
import type { MessageFacts } from './actors/stream/state.ts';
import { type Aggregate, partitionOf, partsOf } from './events/aggregate.ts';
import type { UserId } from './events/ids.ts';
import type { FindPlace } from './http/hub/topic.ts';
import type { ReadModels } from './projections/read-models.ts';
import type { Runner } from './projections/runner.ts';

const lookUpMsMax = 5000;
const purgeEveryMs = 60_000;
const membersAtOnce = 500;

const nameOf = (aggregate: Aggregate): string | undefined => {
  const parts = partsOf(aggregate);
  return parts.kind === 'stream' ? `${parts.circle}/${parts.stream}` : undefined;
};

/** Old messages for the actors of streams, from the read model once it has come far enough. */
export const lookUpIn =
  (
    models: ReadModels,
    { runner, partitions }: { runner: Runner; partitions: number },
  ): ConstructorParameters<typeof Actors>[0]['lookUpMessages'] =>
  async (stream, ids, seq) => {
    const partition = partitionOf(stream, partitions);
    await runner.whenApplied({ partition, seq }, lookUpMsMax);
    const rows = await models.messages.getMany(nameOf(stream) ?? '', ids);
    return new Map(
      rows.map(({ id, by, n, m, at, deleted }): [string, MessageFacts] => [
        id,
        { by, n, m, at, ...(deleted && { deleted }) },
      ]),
    );
  };

/** The members of a circle for the reactions, from the read model once it has come far enough. */
export const membersIn = (
  models: ReadModels,
  { runner, partitionOf: partitionOfKey }: { runner: Runner; partitionOf: (key: string) => number },
): MembersOf =>
  async function* members(circle, seq) {
    await runner.whenApplied({ partition: partitionOfKey(circle), seq }, lookUpMsMax);
    let after: string | undefined;
    do {
      const page = { ...(after !== undefined && { after }), limit: membersAtOnce };
      const rows = await models.memberships.ofCircle(circle, page);
      yield rows.map(({ user }) => user as UserId);
      after = rows.length === membersAtOnce ? rows.at(-1)?.user : undefined;
    } while (after !== undefined);
  };

/** Where in the log to begin to read a stream, from the read model. */
export const findPlaceIn =
  (models: ReadModels): FindPlace =>
  async (aggregate, after) => {
    const s = nameOf(aggregate);
    return s === undefined ? 0 : models.messages.placeBefore(s, after);
  };

/** Forgets first answers that have expired, from time to time; gives what stops it. */
export const purgeAnswers = (
  models: ReadModels,
  now: () => number,
  onError: (error: Error) => void,
): (() => void) => {
  const timer = setInterval(() => {
    models.answers.purge(now()).catch(onError);
  }, purgeEveryMs).unref();
  return () => clearInterval(timer);
};
