import { createConnectionRecorder } from '../actors/connection/recorder.ts';
import { limits } from '../app/limits/limits.ts';
import { Overload } from '../app/limits/overload.ts';
import { Reads } from '../app/limits/reads.ts';
import { WaitingRoom } from '../app/limits/waiting-room.ts';
import { inviteIn, statusesIn } from '../app/lookups.ts';
import { createExecutor } from '../app/operations/executor.ts';
import { ReadBarrier } from '../app/read-barrier.ts';
import { createLogIns } from '../app/sessions/log-ins.ts';
import { createCirclePasts } from '../history/circle-past.ts';
import { Connections } from '../http/socket/connections.ts';
import { createGreeter } from '../http/socket/greeter.ts';
import { createResponder } from '../http/socket/responder.ts';
import { findPositionIn } from '../hub/find-position.ts';
import { Hub } from '../hub/hub.ts';
import { Live } from '../hub/live/live.ts';
import { sourcesOf } from '../monitoring/measurements.ts';
import { readiness } from '../monitoring/readiness.ts';
import { busyTime } from '../runtime/clock.ts';
import { chance } from '../runtime/random.ts';
import type { Resources } from '../runtime/resources.ts';
import type { Core } from './core.ts';
import { openIdentity } from './identity.ts';
import type { StartOptions } from './models.ts';
import { shareLimits } from './shared-limits.ts';

/** Everything that clients use, without the transport: sessions, the hub, operations, what answers connections. */
export const openService = async (
  core: Core,
  { config }: Pick<StartOptions, 'config'>,
  resources: Resources,
) => {
  const { engine, log, models, runner, metrics, space, now, monotonic, onError } = core;
  const { rateLimits, dailyCommands, messageMax: textMax, registration } = config;
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
  const overload = new Overload({ now: monotonic, worked: busyTime, random: chance });
  metrics.follow(sourcesOf({ ...core, connections, hub, live, overload }));

  const delivery = { hub, live, connections, barrier, reads, notifyRead: live.notifyRead };
  const refusals = new WaitingRoom({ holdMs: limits.refusalMs, heldMax: limits.refusalsHeldMax });
  const isOutOfSpace = (): boolean => space.shortage() !== undefined;
  const limiting = { ...shared, overload, rateLimits, refusals, isOutOfSpace };
  const deps = { ...core, ...identity, ...delivery, ...limiting, textMax };
  const logIns = createLogIns({ ...deps, registration, inviteOf: inviteIn(models, runner) });
  const executor = createExecutor({ deps, ...limiting, textMax, dailyCommands, monotonic });
  const greeter = createGreeter({ ...deps, logIns });
  return {
    ...deps,
    ...{ logIns, executor, recorder },
    responder: createResponder({ ...deps, executor, greeter }),
    connectionLog: engine.connectionLog,
    pasts: createCirclePasts({ log }),
    statusesFor: statusesIn(core),
    unready: readiness({ ...core, store: engine.store }),
    warning: space.shortage,
  };
};
