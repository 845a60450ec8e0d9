import type { Logger } from 'pino';
import { purgeAnswers } from '../app/lookups.ts';
import type { Config } from '../config.ts';
import { openEngine } from '../engine/engine.ts';
import { serveModels } from '../projections/building/serving.ts';
import { builtIn, readModels, stateCollections } from '../projections/read-models.ts';
import { monotonic as steadyClock, wallClock } from '../runtime/clock.ts';
import type { Resources } from '../runtime/resources.ts';
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
};

/** How long the read models collect events while no request waits for them, in ms; a read applies them at once. */
const modelsCollectMs = 1000;

/** The engine, and the read models that follow its log. */
export const openModels = async (options: StartOptions, resources: Resources) => {
  const { config, logger, say, now = wallClock, isNewVault = false } = options;
  const { monotonic = steadyClock } = options;
  const onError = (error: Error): void => logger.error({ err: error }, error.message);
  const engine = await openEngine(config, { onError, onWarning: say, isNewVault });
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
  const serving = await serveModels({
    ...{ log: engine.log, store, projections: builtIn, say, onError, now, monotonic },
    // Of several partitions, an answer names the position of one only.
    ...(partitions === 1 && { collectMs: modelsCollectMs }),
  });
  resources.add(serving, () => serving.stop());
  const { runner, building } = serving;
  const models = readModels(serving.store);
  const stopPurging = purgeAnswers(models, now, onError);
  resources.add(stopPurging, (stop) => stop());
  /** Whether there is no point in waiting for the read models. */
  const isAway = (): boolean => store.isAway() || serving.isCatchingUp();
  const clocks = { now, monotonic };
  const read = { runner, models, building, isAway };
  return { engine, ...read, epoch: incarnation, partitions, onError, ...clocks };
};
