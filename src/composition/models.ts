import type { Logger } from 'pino';
import { purgeAnswers } from '../app/lookups.ts';
import type { Config } from '../config.ts';
import { openEngine } from '../engine/engine.ts';
import type { EventLog } from '../events/log.ts';
import { bindToLog } from '../projections/binding.ts';
import { trackBuild } from '../projections/building/building.ts';
import { openPointers, pointed } from '../projections/pointers.ts';
import { collectionOf } from '../projections/projection.ts';
import { builtIn, readModels, stateCollections } from '../projections/read-models.ts';
import { followSwitchOvers } from '../projections/rebuild/switch-over.ts';
import { refusingUnreadable } from '../projections/refusing.ts';
import { reportRuns, runsOf } from '../projections/reporting.ts';
import { startRunner } from '../projections/runner/runner.ts';
import { monotonic as steadyClock, wallClock } from '../runtime/clock.ts';
import type { Resources } from '../runtime/resources.ts';
import { sleep } from '../runtime/timers.ts';
import { headState } from '../store/state/heads.ts';
import { startCheckpoints } from '../verification/checkpoints.ts';

export type StartOptions = {
  readonly config: Config;
  readonly logger: Logger;
  readonly now?: () => number;
  /** Measures durations, in ms; only goes forward. */
  readonly monotonic?: () => number;
  /** Told what people should see while it starts. */
  readonly say: (line: string) => void;
  /** Begins an empty vault although the log holds events: `oshi start --new-vault`. */
  readonly isNewVault?: boolean;
  /** Opened for a moment, not to serve. */
  readonly isBrief?: boolean;
};

/** How long the read models collect events while no request waits for them, in ms; a read applies them at once. */
const modelsCollectMs = 1000;
const stopAppliedMs = 1000;

/** The engine, and the read models that follow its log. */
export const openModels = async (options: StartOptions, resources: Resources) => {
  const { config, logger, say, now = wallClock, isNewVault = false, isBrief = false } = options;
  const { monotonic = steadyClock } = options;
  const onError = (error: Error): void => logger.error({ err: error }, error.message);
  const engine = await openEngine(config, { onError, onWarning: say, isNewVault, isBrief });
  resources.add(engine, () => engine.close());
  const { store } = engine;
  const { incarnation, partitions } = engine.log.info;
  await store.prepare(stateCollections);
  const stopCheckpoints = await startCheckpoints({
    log: engine.log,
    vault: engine.vault,
    state: headState(store),
    checkpoints: engine.checkpoints,
    everyMs: config.checkpointMinutes * 60_000,
    now,
    onError,
  });
  resources.add(stopCheckpoints, (stop) => stop());
  await bindToLog(store, { incarnation, projections: builtIn, say });
  const pointers = await openPointers(store);
  const heads = await headsOf(engine.log);
  const runner = await startRunner({
    log: engine.log,
    store,
    projections: builtIn,
    collectionOf: (projection) => pointers.of(collectionOf(projection)),
    // Of several partitions, an answer names the position of one only.
    ...(partitions === 1 && { collectMs: modelsCollectMs }),
    onError,
  });
  const runs = runsOf(builtIn, pointers);
  const stopReporting = reportRuns({ store, runner, runs, by: 'server', now });
  resources.add(runner, async () => {
    // Applies what was collected, so that commands see it while the server is stopped.
    const late = sleep(stopAppliedMs, { ref: false });
    await Promise.race([runner.caughtUp(), late]).catch(() => undefined);
    await runner.stop().then(stopReporting);
  });
  const stopSwitching = followSwitchOvers({
    store,
    pointers,
    projections: builtIn,
    runner,
    onError,
  });
  resources.add(stopSwitching, (stop) => stop());
  const building = trackBuild({
    models: builtIn.map(({ name }) => name),
    runner,
    heads,
    monotonic,
  });
  const isBuilding = (): boolean => building() !== undefined;
  const readable = { failures: runner.failures, isBuilding };
  const models = readModels(refusingUnreadable(pointed(store, pointers), builtIn, readable));
  const stopPurging = purgeAnswers(models, now, onError);
  resources.add(stopPurging, (stop) => stop());
  /** Whether there is no point in waiting for the read models. */
  const isAway = (): boolean => store.isAway() || isBuilding();
  const clocks = { now, monotonic };
  const read = { runner, models, building, isAway };
  return { engine, ...read, epoch: incarnation, partitions, onError, ...clocks };
};

const headsOf = (log: EventLog): Promise<number[]> =>
  Promise.all(Array.from({ length: log.info.partitions }, (_, partition) => log.head(partition)));
