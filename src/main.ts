import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { createAccounts } from './actors/accounts.ts';
import { Actors } from './actors/actors.ts';
import { createConnectionRecorder } from './actors/connection/recorder.ts';
import { startSkeletonBackfill } from './actors/name/skeleton-backfill.ts';
import { circleMembership } from './actors/reactions/circle-membership.ts';
import { startReactor } from './actors/reactions/reactor.ts';
import { limits } from './app/limits/limits.ts';
import { Reads } from './app/limits/reads.ts';
import { WaitingRoom } from './app/limits/waiting-room.ts';
import { accountsIn, lookUpIn, membersIn, purgeAnswers, statusesIn } from './app/lookups.ts';
import { createExecutor } from './app/operations/executor.ts';
import { ReadBarrier, waitingUntilCaughtUp } from './app/read-barrier.ts';
import { createLogIns } from './app/sessions/log-ins.ts';
import { argonHasher } from './app/sessions/passwords.ts';
import { openServerSecret } from './app/sessions/server-secret.ts';
import { Sessions } from './app/sessions/sessions.ts';
import type { Config } from './config.ts';
import { openEngine } from './engine/engine.ts';
import { circleAggregate, partitionOf } from './events/aggregate.ts';
import { openClockSteps } from './events/clock-steps.ts';
import type { CircleId, SessionId, UserId } from './events/ids.ts';
import { createCirclePasts } from './history/circle-past.ts';
import { type Attachments, attach } from './hosting/attachments.ts';
import { buildServer } from './http/server.ts';
import { Connections } from './http/socket/connections.ts';
import { createGreeter } from './http/socket/greeter.ts';
import { createResponder } from './http/socket/responder.ts';
import { findPositionIn } from './hub/find-position.ts';
import { Hub } from './hub/hub.ts';
import { Live } from './hub/live/live.ts';
import { appendTrouble } from './monitoring/append-trouble.ts';
import { sourcesOf, watched } from './monitoring/measurements.ts';
import { createMetrics } from './monitoring/metrics.ts';
import { readiness } from './monitoring/readiness.ts';
import { bindToLog } from './projections/binding.ts';
import { openPointers, pointed } from './projections/pointers.ts';
import { collectionOf } from './projections/projection.ts';
import { builtIn, readModels, stateCollections } from './projections/read-models.ts';
import { followSwitchOvers } from './projections/rebuild/switch-over.ts';
import { refusingStopped } from './projections/refusing.ts';
import { reportRuns, runsOf } from './projections/reporting.ts';
import { startRunner } from './projections/runner/runner.ts';
import { busyTime, monotonic as steadyClock, wallClock } from './runtime/clock.ts';
import { acquiring, type Resources } from './runtime/resources.ts';
import { sleep } from './runtime/timers.ts';
import { headState } from './store/state/heads.ts';
import { reactionProgressState } from './store/state/progress.ts';
import { snapshotState } from './store/state/snapshots.ts';
import { startCheckpoints } from './verification/checkpoints.ts';

/** A running server. */
export type Running = {
  /** Where it listens. */
  readonly url: string;
  readonly engine: 'embedded' | 'cluster';
  /** Projections of one's own that are attached. */
  readonly attachments: Attachments;
  /** Resolves with one line when another Oshi has taken over the servers below, and this one must stop. */
  readonly lost?: Promise<Error>;
  /** Stops it: no new work, `bye` to every connection, what is in flight is finished, all is flushed. */
  close(): Promise<void>;
};

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

/** How long the clients of a server that goes down are spread over when they come back, in ms. */
const drainSpreadMs = 5000;
const drainWaitMs = 3000;

/** How long the read models collect events while no request waits for them, in ms; a read applies them at once. */
const modelsCollectMs = 1000;
const stopAppliedMs = 1000;

/** The engine, and the read models that follow its log. */
const openModels = async (options: StartOptions, resources: Resources) => {
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
  await bindToLog(store, { incarnation, projections: builtIn, say });
  const pointers = await openPointers(store);
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
  const models = readModels(refusingStopped(pointed(store, pointers), builtIn, runner));
  const stopPurging = purgeAnswers(models, now, onError);
  resources.add(stopPurging, (stop) => stop());
  const clocks = { now, monotonic };
  return { engine, runner, models, epoch: incarnation, partitions, onError, ...clocks };
};

/** The actors, which write the log, and what reacts to it. */
const openActors = async (
  { engine, runner, models, epoch, partitions, ...shared }: Awaited<ReturnType<typeof openModels>>,
  resources: Resources,
) => {
  const { now, monotonic, onError } = shared;
  const { store } = engine;
  const partitionOfKey = (key: string) => partitionOf(circleAggregate(key as CircleId), partitions);
  const metrics = createMetrics();
  const trouble = appendTrouble(monotonic);
  const noted = await openClockSteps(engine.log);
  const log = watched(engine.log, { prepare: noted, onAppended: metrics.onAppended, trouble });
  const actors = new Actors({
    log,
    snapshots: snapshotState(store, { incarnation: epoch, onError }),
    lookUpMessages: lookUpIn({ models, store, log, runner, partitions }),
    now: monotonic,
    onError,
  });
  resources.add(actors, () => actors.stop());
  const membersOf = membersIn(models, { runner, partitionOf: partitionOfKey });
  const progress = reactionProgressState(store, epoch);
  const reactor = startReactor({
    log,
    reaction: circleMembership(actors, membersOf),
    checkpoints: progress,
    waitUntilApplied: (position) => runner.whenApplied(position, Number.POSITIVE_INFINITY),
    onError,
  });
  resources.add(reactor, () => reactor.stop());
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
  const made = { log, actors, metrics, trouble, partitionOf: partitionOfKey };
  return { engine, runner, models, epoch, partitions, ...shared, ...made };
};

type Core = Awaited<ReturnType<typeof openActors>>;

/** Sessions, the hub, and the HTTP server with its sockets, which does not listen yet. */
const openEdge = async (core: Core, { config, logger }: StartOptions, resources: Resources) => {
  const { engine, log, models, runner, actors, metrics, now, monotonic, onError } = core;
  const { rateLimits, dailyCommands, messageMax: textMax, trustProxy, metricsToken } = config;
  const isAway = (): boolean => engine.store.isAway();
  const recorder = createConnectionRecorder(engine.connectionLog, onError);
  resources.add(recorder, () => recorder.flush());
  const connections = new Connections(monotonic);
  resources.add(connections, () => connections.drain(0));
  const sessions = new Sessions({
    models,
    now,
    isAway,
    caughtUp: waitingUntilCaughtUp(runner),
    sessionOf: (user, digest) => actors.sessionOf(user, digest),
  });
  const onSessionClosed = (session: SessionId, user: UserId): void => {
    sessions.close(session);
    connections.endSession(session, user);
  };
  const hub = new Hub({ log, findPosition: findPositionIn(models), onSessionClosed, onError });
  resources.add(hub, () => hub.stop());
  const accounts = createAccounts({
    actors,
    vault: engine.vault,
    hasher: await argonHasher(rateLimits),
    leastUsed: (ids) => sessions.leastUsed(ids),
  });
  const secret = await openServerSecret(engine.vault, now);
  const barrier = new ReadBarrier(runner, isAway);
  const reads = new Reads({ now: monotonic, worked: busyTime, hasRate: rateLimits });
  const live = new Live({ ...core, hub, barrier, rateLimits });
  resources.add(live, () => live.stop());
  hub.listen(live.onCommit);
  await hub.start();
  live.start();
  metrics.follow(sourcesOf({ connections, hub, live, runner, actors }));

  const identity = { secret, accounts, sessions, onSessionClosed };
  const delivery = { hub, live, connections, barrier, reads, notifyRead: live.notifyRead };
  const refusals = new WaitingRoom({ holdMs: limits.refusalMs, heldMax: limits.refusalsHeldMax });
  const deps = { ...core, ...identity, ...delivery, textMax, rateLimits, refusals };
  const logIns = createLogIns(deps);
  const executor = createExecutor({ deps, textMax, rateLimits, dailyCommands, monotonic });
  const greeter = createGreeter({ ...deps, logIns });
  const app = await buildServer({
    ...deps,
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
    unready: readiness({ log, trouble: core.trouble, store: engine.store, runner }),
  });
  resources.add(app, async () => {
    app.server.close();
    connections.drain(drainSpreadMs);
    await connections.gone(drainWaitMs);
    await app.close();
  });
  return app;
};

/**
 * Starts a server: engine, projections, actors, hub, HTTP. Rejects with one line that says what to do if a part cannot
 * be had, and has released then what it had acquired.
 */
export const start = (options: StartOptions): Promise<Running> =>
  acquiring(async (resources) => {
    const { config, say, logger } = options;
    const core = await openActors(await openModels(options, resources), resources);
    const app = await openEdge(core, options, resources);
    const { engine, log, now } = core;
    const attachments = await attach(config.projections, {
      log,
      store: engine.store,
      say,
      now,
      onError: (error) => logger.debug({ err: error }, error.message),
    });
    resources.add(attachments, () => attachments.stop());
    const url = await listen(app, config);
    return {
      url,
      engine: engine.name,
      attachments,
      ...(engine.lost && { lost: engine.lost }),
      close: () => resources.release(),
    };
  });

/** Listens, and says in one line why that cannot be. */
const listen = async (
  app: { listen(options: object): Promise<string>; readonly server: Server },
  { host, port }: Config,
): Promise<string> => {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as { code?: string };
    const advice: Record<string, string> = {
      EADDRINUSE: `port ${port} of ${host} is in use; end what uses it, or set OSHI_PORT (0: any free one)`,
      EACCES: `port ${port} may not be used by this user; set OSHI_PORT to one above 1023`,
      EADDRNOTAVAIL: `${host} is no address of this machine; set OSHI_HOST to one that is`,
      ENOTFOUND: `${host} is not known; set OSHI_HOST to an address of this machine`,
    };
    throw new Error(advice[code ?? ''] ?? `cannot listen on ${host}:${port}: ${code}`, { cause });
  }
};
