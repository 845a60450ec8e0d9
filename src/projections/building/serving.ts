import type { EventLog } from '../../events/log.ts';
import { aborted, sleep } from '../../runtime/timers.ts';
import type { ReadStore } from '../../store/store.ts';
import { bindToLog, forgetEarlier } from '../binding.ts';
import { openPointers, pointed } from '../pointers.ts';
import { collectionOf, type Projection } from '../projection.ts';
import { followSwitchOvers } from '../rebuild/switch-over.ts';
import { refusingUnreadable } from '../refusing.ts';
import { reportRuns, runOf } from '../reporting.ts';
import { type Elsewhere, nowhereElse, type Runner } from '../runner/following.ts';
import { startRunner } from '../runner/runner.ts';
import type { Filling } from '../runner/translation.ts';
import { type Builder, startBuilder } from './builder.ts';
import { type Building, catchUp } from './building.ts';
import { type Build, planModels } from './model-plan.ts';

export type ServingOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly projections: readonly Projection[];
  readonly collectMs?: number;
  /** The other nodes on this log; default: there are none, and all partitions are assigned to this one. */
  readonly elsewhere?: Elsewhere;
  /** How long queries on a collection that was replaced may take, in ms; then it is dropped. */
  readonly graceMs?: number;
  readonly say: (line: string) => void;
  readonly onError: (error: Error) => void;
  readonly now: () => number;
  readonly monotonic: () => number;
};

/** The read models of a server. */
export type Serving = {
  readonly runner: Runner;
  /** The store for queries: by logical names; rejects where a model cannot be read. */
  readonly store: ReadStore;
  /** The progress of models that are being built; undefined once none is. */
  building(): Building | undefined;
  /** Whether all models are still catching up, so that there is no point in waiting for them. */
  isCatchingUp(): boolean;
  /**
   * Fills the models that are being built, drops earlier versions, and reports the progress: what one node does for all.
   * Returns a function that ends it. Called by `serveModels` itself if there are no other nodes.
   */
  lead(): () => Promise<void>;
  stop(): Promise<void>;
};

const graceMsDefault = 5_000;

/**
 * Binds the read models to the log and follows it. Models that are far behind the others, such as those of a raised
 * version, are built beside them, and read when they have caught up; then their earlier versions are dropped.
 */
export const serveModels = async (options: ServingOptions): Promise<Serving> => {
  const { log, store, projections, onError, now } = options;
  const { incarnation, partitions } = log.info;
  await bindToLog(store, { incarnation, projections, say: options.say });
  const pointers = await openPointers(store);
  const heads = await Promise.all(Array.from({ length: partitions }, (_, at) => log.head(at)));
  const { serving, builds } = await planModels({ store, log: log.info, projections, pointers });
  const runner = await startFilled(options, serving);
  const runs = new Map(serving.map(({ projection }) => [projection, runOf(projection, pointers)]));
  const reported = { [Symbol.iterator]: () => runs.values() };
  const { elsewhere = nowhereElse } = options;
  const mayRead = (collection: string): boolean => elsewhere.mayRead(collection);
  const followed = { store, pointers, projections, runner, mayRead, onError };
  const stopSwitching = followSwitchOvers(followed);
  const standIns = standInsOf(builds);
  const onSwitch = ({ projection, standIn }: Build): void => {
    standIns.delete(collectionOf(projection));
    if (standIn) runs.delete(standIn.projection);
    runs.set(projection, runOf(projection, pointers));
  };
  const isOver = ({ projection, collection, standIn }: Build): boolean => {
    const hasFailed = runner.shared.failed().some((failed) => failed.collection === collection);
    return pointers.of(collectionOf(projection)) !== collection || (!standIn && hasFailed);
  };
  const builder = await startBuilder({ ...options, builds, heads, runner, onSwitch, isOver });
  const names = projections.map(({ name }) => name);
  const catchingUp = catchUp({ ...options, models: names, runner, heads });
  const building = (): Building | undefined => catchingUp() ?? builder.progress();
  const isBuilding = (name: string): boolean => building()?.models.includes(name) ?? false;
  const of = (logical: string): string => standIns.get(logical) ?? pointers.of(logical);
  const readable = { failures: runner.failures, isBuilding };
  const stopping = new AbortController();
  const mayReadModel = (logical: string): boolean => mayRead(pointers.of(logical));
  const lead = () => {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, stopping.signal]);
    const stopReporting = reportRuns({ store, runner, runs: reported, by: 'server', now });
    const stopFilling = builder.fill();
    const tidied = tidy(options, { runner, builder, standIns, mayRead: mayReadModel, signal });
    return async () => {
      ending.abort();
      await Promise.all([stopReporting(), stopFilling(), tidied]);
    };
  };
  const stopLeading = options.elsewhere ? async () => {} : lead();
  return {
    lead,
    runner,
    store: refusingUnreadable(pointed(store, { of }), projections, readable),
    building,
    isCatchingUp: () => catchingUp() !== undefined,
    async stop() {
      stopping.abort();
      await stopSwitching();
      await builder.stop();
      await runner.stop();
      await stopLeading();
    },
  };
};

const startFilled = (options: ServingOptions, fillings: readonly Filling[]): Promise<Runner> => {
  const { log, store, collectMs, elsewhere, onError } = options;
  const collections = new Map(fillings.map((each) => [each.projection, each.collection]));
  return startRunner({
    ...{ log, store, projections: [...collections.keys()], onError },
    collectionOf: (projection) => collections.get(projection) ?? '',
    ...(collectMs !== undefined && { collectMs }),
    ...(elsewhere && { elsewhere }),
  });
};

/** The collections that are read instead of those that are being built. By logical name; the collection is physical. */
const standInsOf = (builds: readonly Build[]): Map<string, string> =>
  new Map(
    builds.flatMap(({ projection, standIn }) =>
      standIn ? [[collectionOf(projection), standIn.collection] as const] : [],
    ),
  );

type Tidying = {
  readonly runner: Runner;
  readonly builder: Builder;
  readonly standIns: ReadonlyMap<string, string>;
  /** Whether another node may read a model, by its logical name. */
  readonly mayRead: (logical: string) => boolean;
  readonly signal: AbortSignal;
};

/** Drops earlier versions of models once those of this version are read, and queries on the earlier ones have ended. */
const tidy = async (options: ServingOptions, tidying: Tidying): Promise<void> => {
  const { runner, builder, standIns, mayRead, signal } = tidying;
  const { store, projections, graceMs = graceMsDefault, onError } = options;
  const earlier = projections.flatMap((each) => (each.earlier ? collectionOf(each.earlier) : []));
  try {
    const built = builder.ended.then(() => runner.caughtUp());
    await Promise.race([built, aborted(signal)]);
    do await sleep(graceMs, { signal, ref: false });
    while (earlier.some(mayRead));
    const isRead = (projection: Projection): boolean =>
      !(standIns.has(collectionOf(projection)) || runner.failures().has(projection.name));
    await forgetEarlier(store, projections.filter(isRead));
  } catch (error) {
    // The next start does it.
    if (!signal.aborted) onError(error as Error);
  }
};
