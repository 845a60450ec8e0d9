import { Actors } from '../actors/actors.ts';
import { startSkeletonBackfill } from '../actors/name/skeleton-backfill.ts';
import { circleMembership } from '../actors/reactions/circle-membership.ts';
import { startReactor } from '../actors/reactions/reactor.ts';
import { accountsIn, lookUpIn, membersIn } from '../app/lookups.ts';
import { circleAggregate, partitionOf } from '../events/aggregate.ts';
import { openClockSteps } from '../events/clock-steps.ts';
import type { CircleId } from '../events/ids.ts';
import { appendTrouble } from '../monitoring/append-trouble.ts';
import { watched } from '../monitoring/measurements.ts';
import { createMetrics } from '../monitoring/metrics.ts';
import { watchSpace } from '../monitoring/space.ts';
import { createMembership, soleMembership, thisNode } from '../nodes/nodes.ts';
import type { Resources } from '../runtime/resources.ts';
import { reactionProgressState } from '../store/state/progress.ts';
import { snapshotState } from '../store/state/snapshots.ts';
import type { openModels, StartOptions } from './models.ts';

/** The actors, which write the log, and what reacts to it. */
export const openActors = async (
  { engine, runner, models, epoch, partitions, ...shared }: Awaited<ReturnType<typeof openModels>>,
  { config, logger, say }: StartOptions,
  resources: Resources,
) => {
  const { isAway, now, monotonic, onError } = shared;
  const { store } = engine;
  const partitionOfKey = (key: string) => partitionOf(circleAggregate(key as CircleId), partitions);
  const metrics = createMetrics();
  const trouble = appendTrouble(monotonic);
  const space = await watchSpace({
    volumes: engine.volumes,
    reserveBytes: config.diskReserveMib * 1024 ** 2,
    trouble,
    onChange: (line) => logger.warn(line),
  });
  resources.add(space, () => space.stop());
  const shortage = space.shortage();
  if (shortage !== undefined) say(shortage);
  const noted = await openClockSteps(engine.log);
  const log = watched(engine.log, { prepare: noted, onAppended: metrics.onAppended, trouble });
  const isAssigned = engine.nodes === undefined;
  const local = new Actors({
    ...{ log, isAssigned },
    snapshots: snapshotState(store, { incarnation: epoch, onError }),
    lookUpMessages: lookUpIn({ models, isAway, log, runner, partitions }),
    now: monotonic,
    onError,
  });
  resources.add(local, () => local.stop());
  const me = thisNode(now);
  const membership = engine.nodes
    ? createMembership({ ...engine.nodes, me, actors: local, partitions, monotonic, onError })
    : soleMembership(me, local);
  resources.add(membership, async () => {
    await membership.leave();
    membership.stop();
  });
  const { actors } = membership;
  const membersOf = membersIn(models, { runner, partitionOf: partitionOfKey });
  const progress = reactionProgressState(store, epoch);
  const reactor = startReactor({
    log,
    reaction: circleMembership(actors, membersOf),
    checkpoints: progress,
    waitUntilApplied: (position) => runner.whenApplied(position, Number.POSITIVE_INFINITY),
    ...{ isAssigned, onError },
  });
  resources.add(reactor, () => reactor.stop());
  await membership.start(reactor);
  const backfill = startSkeletonBackfill({
    actors,
    accounts: accountsIn(models, runner),
    progress: {
      isDone: async () => (await progress.load('username-looks', 0)) > 0,
      done: () => progress.save('username-looks', 0, 1),
    },
    now,
    onError,
  });
  resources.add(backfill, () => backfill.stop());
  const made = {
    log,
    actors,
    membership,
    active: () => local.active,
    metrics,
    trouble,
    space,
    partitionOf: partitionOfKey,
  };
  return { engine, runner, models, epoch, partitions, ...shared, ...made };
};

export type Core = Awaited<ReturnType<typeof openActors>>;
