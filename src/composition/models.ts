import type { Logger } from 'pino';
import { purgeAnswers } from '../app/lookups.ts';
import type { Config } from '../config.ts';
import { openEngine } from '../engine/engine.ts';
import type { Engine, EngineOptions } from '../engine/storage.ts';
import type { Siblings } from '../monitoring/metrics.ts';
import { AppliedPositions } from '../nodes/applied.ts';
import { thisNode } from '../nodes/nodes.ts';
import { Leader } from '../nodes/residents.ts';
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
  /** The processes behind the same port; absent: this one alone. */
  readonly siblings?: Siblings | undefined;
  /** Opens the ports in place of those of the configured engine. */
  readonly openEngine?: (options: EngineOptions) => Promise<Engine>;
};

/** How long the read models collect events while no request waits for them, in ms; a read applies them at once. */
const modelsCollectMs = 1000;

/** The engine, and the read models that follow its log. */
export const openModels = async (options: StartOptions, resources: Resources) => {
  const { config, logger, say, now = wallClock, isNewVault = false } = options;
  const { monotonic = steadyClock } = options;
  const onError = (error: Error): void => logger.error({ err: error }, error.message);
  const open = options.openEngine ?? ((ports) => openEngine(config, ports));
  const engine = await open({ onError, onWarning: say, isNewVault });
  resources.add(engine, () => engine.close());
  const { store } = engine;
  const { incarnation, partitions } = engine.log.info;
  await store.prepare(stateCollections);
  const leader = resources.add(new Leader(onError), (it) => it.stop());
  leader.add(() =>
    startCheckpoints({
      log: engine.log,
      vault: engine.vault,
      state: headState(store),
      checkpoints: engine.checkpoints,
      everyMs: config.checkpointMinutes * 60_000,
      now,
      onError,
    }),
  );
  const me = thisNode(now);
  const applied = engine.nodes && new AppliedPositions({ bus: engine.nodes.bus, me: me.id });
  resources.add(applied, () => applied?.stop());
  const serving = await serveModels({
    ...{ log: engine.log, store, projections: builtIn, say, onError, now, monotonic },
    // Of several partitions, an answer names the position of one only.
    ...(partitions === 1 && { collectMs: modelsCollectMs }),
    ...(applied && { elsewhere: applied }),
  });
  resources.add(serving, () => serving.stop());
  const { runner, building } = serving;
  const models = readModels(serving.store);
  leader.add(() => purgeAnswers(models, now, onError));
  if (applied) leader.add(serving.lead);
  /** Whether there is no point in waiting for the read models. */
  const isAway = (): boolean => store.isAway() || serving.isCatchingUp();
  const clocks = { now, monotonic };
  const read = { runner, models, building, isAway };
  const node = { me, leader, applied };
  return { engine, ...read, ...node, epoch: incarnation, partitions, onError, ...clocks };
};
