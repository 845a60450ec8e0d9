import { createConnectionRecorder } from '../actors/connection/recorder.ts';
import { limits } from '../app/limits/limits.ts';
import { Reads } from '../app/limits/reads.ts';
import { WaitingRoom } from '../app/limits/waiting-room.ts';
import { inviteIn, statusesIn } from '../app/lookups.ts';
import { createExecutor } from '../app/operations/executor.ts';
import { ReadBarrier } from '../app/read-barrier.ts';
import { createLogIns } from '../app/sessions/log-ins.ts';
import { createCirclePasts } from '../history/circle-past.ts';
import { buildServer } from '../http/server.ts';
import { Connections } from '../http/socket/connections.ts';
import { createGreeter } from '../http/socket/greeter.ts';
import { createResponder } from '../http/socket/responder.ts';
import { findPositionIn } from '../hub/find-position.ts';
import { Hub } from '../hub/hub.ts';
import { Live } from '../hub/live/live.ts';
import { sourcesOf } from '../monitoring/measurements.ts';
import { readiness } from '../monitoring/readiness.ts';
import { busyTime } from '../runtime/clock.ts';
import type { Resources } from '../runtime/resources.ts';
import type { Core } from './core.ts';
import { openIdentity } from './identity.ts';
import type { StartOptions } from './models.ts';
import { shareLimits } from './shared-limits.ts';

/** How long the clients of a server that goes down are spread over when they come back, in ms. */
const drainSpreadMs = 5000;
const drainWaitMs = 3000;

/** Sessions, the hub, and the HTTP server with its sockets, which does not listen yet. */
export const openEdge = async (
  core: Core,
  { config, logger }: StartOptions,
  resources: Resources,
) => {
  const { engine, log, models, runner, metrics, space, now, monotonic, onError } = core;
  const { rateLimits, dailyCommands, messageMax: textMax, trustProxy, metricsToken } = config;
  const { name, registration } = config;
  const { replication: nodes } = core.membership;
  const recorder = createConnectionRecorder(engine.connectionLog, onError);
  resources.add(recorder, () => recorder.flush());
  const connections = new Connections({ nodes, now, monotonic });
  resources.add(connections, () => connections.drain(0));
  const identity = await openIdentity(core, connections, rateLimits);
  const { onSessionClosed } = identity;
  const hub = new Hub({ log, findPosition: findPositionIn(models), onSessionClosed, onError });
  resources.add(hub, () => hub.stop());
  const arrived = engine.nodes && { arrived: () => hub.positions };
  const barrier = new ReadBarrier({ runner, isAway: core.isAway, ...arrived });
  const shared = shareLimits({ ...core, nodes: engine.nodes }, resources);
  const reads = new Reads({ now: monotonic, worked: busyTime, hasRate: rateLimits, ...shared });
  const live = new Live({ ...core, hub, nodes, barrier, rateLimits });
  resources.add(live, () => live.stop());
  hub.listen(live.onCommit, live.needs);
  await hub.start();
  live.start();
  metrics.follow(sourcesOf({ ...core, connections, hub, live }));

  const delivery = { hub, live, connections, barrier, reads, notifyRead: live.notifyRead };
  const refusals = new WaitingRoom({ holdMs: limits.refusalMs, heldMax: limits.refusalsHeldMax });
  const isOutOfSpace = (): boolean => space.shortage() !== undefined;
  const limiting = { ...shared, rateLimits, refusals, isOutOfSpace };
  const deps = { ...core, ...identity, ...delivery, ...limiting, textMax };
  const logIns = createLogIns({ ...deps, registration, inviteOf: inviteIn(models, runner) });
  const executor = createExecutor({
    deps,
    ...limiting,
    textMax,
    dailyCommands,
    monotonic,
  });
  const greeter = createGreeter({ ...deps, logIns });
  const app = await buildServer({
    ...deps,
    name,
    registration,
    logIns,
    executor,
    recorder,
    logger,
    trustProxy,
    metricsToken,
    responder: createResponder({ ...deps, executor, greeter }),
    connectionLog: engine.connectionLog,
    pasts: createCirclePasts({ log }),
    statusesFor: statusesIn(core),
    unready: readiness({ ...core, store: engine.store }),
    warning: space.shortage,
  });
  resources.add(app, async () => {
    app.server.close();
    connections.drain(drainSpreadMs);
    await connections.gone(drainWaitMs);
    await app.close();
  });
  return app;
};
