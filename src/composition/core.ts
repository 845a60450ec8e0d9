import { Actors } from '../actors/actors.ts';
import { startSkeletonBackfill } from '../actors/name/skeleton-backfill.ts';
import { circleMembership } from '../actors/reactions/circle-membership.ts';
import { startReactor } from '../actors/reactions/reactor.ts';
import { accountsIn, lookUpIn, membersIn } from '../app/lookups.ts';
import { circleAggregate, partitionOf } from '../events/aggregate.ts';
import { ClockSteps } from '../events/clock-steps.ts';
import type { CircleId } from '../events/ids.ts';
import { appendTrouble } from '../monitoring/append-trouble.ts';
import { watched } from '../monitoring/measurements.ts';
import { createMetrics } from '../monitoring/metrics.ts';
import { watchSpace } from '../monitoring/space.ts';
import { createMembership, soleMembership } from '../nodes/nodes.ts';
import { Leader, residents } from '../nodes/residents.ts';
import type { Resources } from '../runtime/resources.ts';
import { sleep } from '../runtime/timers.ts';
import { reactionProgressState } from '../store/state/progress.ts';
import { snapshotState } from '../store/state/snapshots.ts';
import type { openModels, StartOptions } from './models.ts';

type Opened = Awaited<ReturnType<typeof openModels>>;

/** The actors, which write the log, and what reacts to it, as one of the nodes on it. */
export const openActors = async (opened: Opened, options: StartOptions, resources: Resources) => {
  const { engine, runner, models, epoch, partitions, me, leader, applied, ...shared } = opened;
  const { isAway, monotonic, onError } = shared;
  const partitionOfKey = (key: string) => partitionOf(circleAggregate(key as CircleId), partitions);
  const watching = await openLog(opened, options, resources);
  const { log } = watching;
  const isAssigned = engine.nodes === undefined;
  const local = new Actors({
    ...{ log, isAssigned },
    snapshots: snapshotState(engine.store, { incarnation: epoch, onError }),
    lookUpMessages: lookUpIn({ models, isAway, log, runner, partitions }),
    now: monotonic,
    onError,
  });
  resources.add(local, () => local.stop());
  const membership = engine.nodes
    ? createMembership({ ...engine.nodes, me, actors: local, partitions, monotonic, onError })
    : soleMembership(me, { actors: local, partitions });
  resources.add(membership, async () => {
    // Applies what was collected, so that commands see it while no server runs.
    if (membership.nodes().length === 1) await caughtUp(opened);
    await membership.leave();
    membership.stop();
  });
  const { actors } = membership;
  const membersOf = membersIn(models, { runner, partitionOf: partitionOfKey });
  const progress = reactionProgressState(engine.store, epoch);
  const reactor = startReactor({
    log,
    reaction: circleMembership(actors, membersOf),
    checkpoints: progress,
    waitUntilApplied: (position) => runner.whenApplied(position, Number.POSITIVE_INFINITY),
    ...{ isAssigned, onError },
  });
  resources.add(reactor, () => reactor.stop());
  const asking = resources.add(new Leader(onError), (it) => it.stop());
  asking.add(() => backfill(opened, { actors, progress }));
  applied?.start(runner.shared, membership, () => runner.counters.events);
  const times = {
    assign: (partition: number) => watching.clock.assign(partition),
    revoke: async () => undefined,
  };
  await membership.start(residents([times, runner, reactor, leader, asking]));
  await leader.started();
  const made = { ...watching, me, leader, actors, membership, active: () => local.active };
  return {
    engine,
    runner,
    models,
    epoch,
    partitions,
    ...shared,
    ...made,
    partitionOf: partitionOfKey,
  };
};

export type Core = Awaited<ReturnType<typeof openActors>>;

/** The log as the actors write it: measured, with the clock steps, and with an eye on the free space. */
const openLog = async (
  { engine, monotonic }: Opened,
  { config, logger, say, siblings }: StartOptions,
  resources: Resources,
) => {
  const metrics = createMetrics(siblings);
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
  const clock = new ClockSteps(engine.log);
  const log = watched(engine.log, { clock, onAppended: metrics.onAppended, trouble });
  return { log, clock, metrics, trouble, space };
};

type Backfilled = {
  readonly actors: Parameters<typeof startSkeletonBackfill>[0]['actors'];
  readonly progress: ReturnType<typeof reactionProgressState>;
};

const backfill = ({ models, runner, now, onError }: Opened, { actors, progress }: Backfilled) => {
  const { stop } = startSkeletonBackfill({
    actors,
    accounts: accountsIn(models, runner),
    progress: {
      isDone: async () => (await progress.load('username-looks', 0)) > 0,
      done: () => progress.save('username-looks', 0, 1),
    },
    now,
    onError,
  });
  return stop;
};

const caughtUpMsMax = 1000;

/** Resolves when the read models have applied everything, or after a second without. */
const caughtUp = ({ runner }: Opened): Promise<void> =>
  Promise.race([runner.caughtUp(), sleep(caughtUpMsMax, { ref: false })]).catch(() => undefined);
