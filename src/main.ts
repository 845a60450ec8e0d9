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
import type { Position } from './events/position.ts';
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

/** What everything else stands on: the log, the read models that follow it, and the actors that write it. */
const foundation = async (options: StartOptions) => {
  const { config, logger, say, now = wallClock, isNewVault = false } = options;
  const { monotonic = steadyClock } = options;
  const onError = (error: Error) => logger.error({ err: error }, error.message);
  const engine = await openEngine(config, { onError, onWarning: say, isNewVault });
  const { store } = engine;
  const { info } = engine.log;
  const { incarnation, partitions } = info;
  const partitionOfKey = (key: string) => partitionOf(circleAggregate(key as CircleId), partitions);

  await store.prepare(stateCollections);
  await bindToLog(store, { incarnation, projections: builtIn, say });
  const pointers = await openPointers(store);
  const runner = await startRunner({
    ...{ log: engine.log, store, projections: builtIn, onError },
    collectionOf: (projection) => pointers.of(collectionOf(projection)),
  });
  const stopTaking = followSwitchOvers({ store, pointers, projections: builtIn, runner, onError });
  const runs = runsOf(builtIn, pointers);
  const stopTelling = reportRuns({ store, runner, runs, by: 'server', now });
  const models = readModels(refusingStopped(pointed(store, pointers), builtIn, runner));

  const metrics = createMetrics();
  const trouble = appendTrouble(monotonic);
  const noted = await openClockSteps(engine.log);
  const log = watched(engine.log, { noted, onAppended: metrics.onAppended, trouble });
  const actors = new Actors({
    log,
    snapshots: snapshotState(store, { incarnation, onError }),
    lookUpMessages: lookUpIn({ models, store, log, runner, partitions }),
    now: monotonic,
    onError,
  });
  const reaction = circleMembership(
    actors,
    membersIn(models, { runner, partitionOf: partitionOfKey }),
  );
  const checkpoints = reactionProgressState(store, incarnation);
  const looks = startSkeletonBackfill({
    ...{ actors, accounts: accountsIn(models, runner), now, onError },
    progress: {
      isDone: async () => (await checkpoints.load('username-looks', 0)) > 0,
      done: () => checkpoints.save('username-looks', 0, 1),
    },
  });
  const waitUntilApplied = (position: Position) =>
    runner.whenApplied(position, Number.POSITIVE_INFINITY);
  const reactor = startReactor({ log, reaction, checkpoints, waitUntilApplied, onError });
  const shared = { log, partitions, epoch: incarnation, models, actors, metrics, onError };
  const clocks = { now, monotonic };
  const following = { engine, runner, pointers, trouble, partitionOf: partitionOfKey, looks };
  return { ...shared, ...clocks, ...following, reactor, stopTaking, stopTelling };
};

type Foundation = Awaited<ReturnType<typeof foundation>>;

/** What people and programs meet: sessions, sockets, the hub, HTTP. */
const surface = async (base: Foundation, { config, logger }: StartOptions) => {
  const { log, models, runner, actors, engine, metrics, now, monotonic, onError } = base;
  const connections = new Connections(monotonic);
  const isAway = () => engine.store.isAway();
  const sessions = new Sessions({
    ...{ models, now, isAway, caughtUp: waitingUntilCaughtUp(runner) },
    sessionOf: (user, digest) => actors.sessionOf(user, digest),
  });
  const onSessionClosed = (session: SessionId, user: UserId): void => {
    sessions.close(session);
    connections.endSession(session, user);
  };
  const hub = new Hub({ log, findPlace: findPositionIn(models), onSessionClosed, onError });
  const { rateLimits, dailyCommands, messageMax: textMax, trustProxy, metricsToken } = config;
  const hasher = await argonHasher(rateLimits);
  const accounts = createAccounts({
    ...{ actors, vault: engine.vault, hasher },
    leastUsed: (ids) => sessions.leastUsed(ids),
  });
  const secret = await openServerSecret(engine.vault, now);
  const shared = { ...base, secret, accounts, sessions, connections, hub, textMax, rateLimits };
  const reader = new ReadBarrier(runner, isAway);
  const reads = new Reads({
    now: base.monotonic,
    worked: busyTime,
    hasRate: rateLimits,
  });
  const live = new Live({ ...shared, reader });
  hub.listen(live.onCommit);
  await hub.start();
  live.start();
  metrics.follow(sourcesOf({ connections, hub, live, runner, actors }));
  const pasts = createCirclePasts({ log });
  const deps = { ...shared, reader, reads, live, pasts, tellRead: live.tellRead };
  const refusals = new WaitingRoom({ holdMs: limits.refusalMs, heldMax: limits.refusalsHeldMax });
  const logIns = createLogIns({ ...deps, refusals, onSessionClosed });
  const executor = createExecutor({ deps, textMax, rateLimits, dailyCommands, monotonic });
  const greeter = createGreeter({ ...deps, logIns });
  const responder = createResponder({ ...deps, executor, greeter });
  const recorder = createConnectionRecorder(engine.connectionLog, onError);
  const standingsFor = statusesIn(base);
  const unready = readiness({ log, trouble: base.trouble, store: engine.store, runner });
  const parts = {
    ...deps,
    ...{ refusals, logIns, executor, responder, recorder, unready, onSessionClosed, standingsFor },
    connectionLog: engine.connectionLog,
  };
  const app = await buildServer({ ...parts, logger, trustProxy, metricsToken });
  return { app, connections, hub, live, recorder };
};

/**
 * Puts Oshi together and starts it: engine, projections, actors, hub, server. Rejects with one line that says
 * what to do if a part cannot be had.
 */
export const start = async (options: StartOptions): Promise<Running> => {
  const { config, say } = options;
  const base = await foundation(options);
  const { models, actors, runner, engine, now, onError } = base;
  const { app, connections, hub, live, recorder } = await surface(base, options);
  const { log, store } = engine;
  const stopPurging = purgeAnswers(models, now, onError);
  const attachments = await attach(config.projections, {
    ...{ log, store, say, now },
    onError: (error) => options.logger.debug({ err: error }, error.message),
  });
  const stopCheckpoints = await startCheckpoints({
    ...{ log, vault: engine.vault, now, onError },
    state: headState(store),
    checkpoints: engine.checkpoints,
    everyMs: config.checkpointMinutes * 60_000,
  });
  const url = await listen(app, config);

  return {
    url,
    engine: engine.name,
    attachments,
    ...(engine.lost && { lost: engine.lost }),
    async close() {
      app.server.close();
      connections.drain(drainSpreadMs);
      await connections.gone(drainWaitMs);
      await app.close();
      base.looks.stop();
      await actors.stop();
      await base.reactor.stop();
      stopPurging();
      live.stop();
      hub.stop();
      await attachments.stop();
      await base.stopTaking();
      await runner.stop();
      await base.stopTelling();
      await recorder.flush();
      await stopCheckpoints();
      await engine.close();
    },
  };
};

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
