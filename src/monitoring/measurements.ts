import type { Actors } from '../actors/actors.ts';
import type { ClockSteps } from '../events/clock-steps.ts';
import { AppendFailure, type EventLog } from '../events/log.ts';
import type { Hub } from '../hub/hub.ts';
import type { Live } from '../hub/live/live.ts';
import type { Runner } from '../projections/runner/following.ts';
import { monotonic } from '../runtime/clock.ts';
import type { AppendTrouble } from './append-trouble.ts';
import type { Metrics, MetricsSources } from './metrics.ts';
import type { Space } from './space.ts';

export type Measured = {
  readonly connections: { readonly size: number };
  readonly hub: Hub;
  readonly live: Live;
  readonly runner: Runner;
  /** The running actors of this node. */
  readonly active: () => Actors['active'];
  readonly space: Space;
  readonly overload: {
    readonly refusals: number;
    readonly inFlight: number;
    readonly bound: number | undefined;
  };
  readonly me: { readonly id: string };
  readonly membership: {
    nodes(): readonly unknown[];
    ownerOf(partition: number): string | undefined;
  };
};

export type WatchedOptions = {
  /** Completes each commit before it is appended. */
  readonly clock: Pick<ClockSteps, 'complete'>;
  readonly onAppended: Metrics['onAppended'];
  readonly trouble: AppendTrouble;
};

/** Wraps a log so that each commit is completed, and the duration or the failure of each append is reported. */
export const watched = (
  log: EventLog,
  { clock, onAppended, trouble }: WatchedOptions,
): EventLog => ({
  info: log.info,
  async append(aggregate, commit, after) {
    const begin = monotonic();
    try {
      const completed = clock.complete(aggregate, commit);
      const complete = completed instanceof Promise ? await loaded(completed) : completed;
      const tail = await log.append(aggregate, complete, after);
      trouble.appended();
      onAppended(commit.events.length, monotonic() - begin);
      return tail;
    } catch (error) {
      trouble.failed(error);
      throw error;
    }
  },
  tail: (aggregate) => log.tail(aggregate),
  read: (aggregate, options) => log.read(aggregate, options),
  at: (partition, seqs) => log.at(partition, seqs),
  scan: (partition, options) => log.scan(partition, options),
  live: (partition, handler, options) => log.live(partition, handler, options),
  head: (partition) => log.head(partition),
  close: () => log.close(),
});

/** Nothing was appended if it rejects. */
const loaded = <T>(completed: Promise<T>): Promise<T> =>
  completed.catch((cause: unknown) => {
    throw new AppendFailure('unavailable', 'the end of the log cannot be read', { cause });
  });

export const sourcesOf = (measured: Measured): MetricsSources => {
  const { connections, hub, live, runner, active, space, overload, me, membership } = measured;
  const lagOf = (reached: (partition: number) => number): number =>
    runner
      .progress()
      .reduce((sum, { partition, head }) => sum + Math.max(0, head - reached(partition)), 0);
  return {
    connections: () => connections.size,
    nodes: () => membership.nodes().length,
    partitions: () =>
      runner.progress().filter(({ partition }) => membership.ownerOf(partition) === me.id).length,
    watched: () => hub.watched,
    subscriptions: () => hub.subscriptions,
    forwarded: () => hub.events,
    activitiesDropped: () => live.dropped.activities,
    signalsDropped: () => live.dropped.signals,
    projectionLag: () => lagOf((partition) => runner.applied(partition)),
    hubLag: () => lagOf((partition) => hub.received(partition)),
    projected: () => runner.counters.events,
    projectionsFailed: () => runner.failures().size,
    activeCircles: () => active().circles,
    activeUsers: () => active().users,
    overloadRefusals: () => overload.refusals,
    commandsInFlight: () => overload.inFlight,
    overloadBound: () => overload.bound ?? 0,
    freeBytes: () => space.freeBytes(),
    contentRefused: () => Number(space.shortage() !== undefined),
  };
};
