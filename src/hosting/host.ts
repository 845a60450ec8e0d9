import { hostname } from 'node:os';
import type { EventLog } from '../events/log.ts';
import { bindToLog, forgetModel } from '../projections/binding.ts';
import { openPointers, type Pointers } from '../projections/pointers.ts';
import { collectionOf, type Projection } from '../projections/projection.ts';
import { followSwitchOvers } from '../projections/rebuild/switch-over.ts';
import { reportRuns, runOf } from '../projections/reporting.ts';
import type { Following, Progress } from '../projections/runner/following.ts';
import { startExternal, startRunner } from '../projections/runner/runner.ts';
import { isProcessAlive } from '../runtime/processes.ts';
import { origins } from '../store/origins.ts';
import { applyDesiredStates, desiredStates, type Wanted } from '../store/state/desired-states.ts';
import { isRunning, type Run, runState, runs } from '../store/state/runs.ts';
import type { ReadStore } from '../store/store.ts';
import { type CustomProjection, isExternal } from './module.ts';

export type HostOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly projection: CustomProjection;
  /** Returns the current projection, when it is to run again. */
  readonly reload: () => Promise<CustomProjection>;
  readonly by: Run['by'];
  /** Called with lines for the operator. */
  readonly say: (line: string) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each run, when it starts. */
  readonly onRun?: (following: Following) => void;
  /** Called once when it cannot go on, or when a desired state cannot be applied. */
  readonly onError: (error: Error) => void;
  /** Called when a desired state was applied. */
  readonly onApplied?: (wanted: Wanted) => void;
  readonly now: () => number;
};

/** A custom projection that runs until it is stopped. */
export type Host = {
  readonly projection: CustomProjection;
  /** The current runner; while it is stopped, the previous one. */
  readonly following: Following;
  /** Maps the name of its collection to where its documents are. */
  readonly pointers: Pointers;
  stop(): Promise<void>;
};

type Running = { readonly following: Following; end(): Promise<void> };

/**
 * Runs a custom projection beside other followers of the log: from its checkpoints, or from the beginning. Reports
 * its progress in `runs`, switches over to a rebuilt collection, and applies the desired state in `wishes`: to stop,
 * to run again (with its module loaded again), to be dropped with its documents.
 */
export const hostProjection = async (options: HostOptions): Promise<Host> => {
  const { store, reload, say, onError, onApplied } = options;
  await store.prepare([origins, runs, desiredStates]);
  const pointers = await openPointers(store);
  let { projection } = options;
  let running: Running | undefined = await run(options, projection, pointers);
  let { following } = running;

  const end = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    await ending?.end();
  };
  const begin = async (): Promise<void> => {
    const next = await reload();
    if (next.name !== projection.name) {
      throw new Error(`its name is ${next.name} now; restart to use it`);
    }
    await end();
    projection = next;
    running = await run(options, projection, pointers);
    ({ following } = running);
  };
  const apply = async (wanted: Wanted): Promise<void> => {
    const { name } = projection;
    if (wanted === 'running') {
      await begin();
      say(`projection ${name}: running, as requested`);
    } else {
      await end();
      if (wanted === 'detached') await forget(store, projection);
      say(`projection ${name}: ${wanted}, as requested`);
    }
    onApplied?.(wanted);
    // A detached projection only comes back with the next start.
    if (wanted === 'detached') stopPolling();
  };
  let applying: Promise<void> = Promise.resolve();
  const stopPolling = applyDesiredStates({
    store,
    name: projection.name,
    onDesired: (wanted) => {
      applying = apply(wanted);
      return applying;
    },
    onError,
  });
  return {
    get projection() {
      return projection;
    },
    get following() {
      return following;
    },
    pointers,
    async stop() {
      stopPolling();
      await applying.catch(() => undefined);
      await end();
    },
  };
};

const run = async (
  options: HostOptions,
  projection: CustomProjection,
  pointers: Pointers,
): Promise<Running> => {
  const { store, by, now, onRun } = options;
  await warnIfRun(options, projection);
  const { following, end } = isExternal(projection)
    ? await startElsewhere(options, projection)
    : await startHere(options, projection, pointers);
  const places = isExternal(projection) ? { of: (logical: string) => logical } : pointers;
  const reported = [runOf(projection, places)];
  const stopTelling = reportRuns({ store, runner: following, by, now, runs: reported });
  onRun?.(following);
  return {
    following,
    async end() {
      await end();
      await stopTelling();
    },
  };
};

const startElsewhere = async (
  { log, onProgress, onError, now }: HostOptions,
  external: Extract<CustomProjection, { open: unknown }>,
): Promise<Running> => {
  const following = await startExternal({
    log,
    external,
    onError,
    now,
    ...(onProgress && { onProgress }),
  });
  return { following, end: () => following.stop() };
};

const startHere = async (
  { log, store, say, onProgress, onError, now }: HostOptions,
  projection: Projection,
  pointers: Pointers,
): Promise<Running> => {
  const projections = [projection];
  await bindToLog(store, { incarnation: log.info.incarnation, projections, say });
  await pointers.refresh();
  const runner = await startRunner({
    log,
    store,
    projections,
    onError,
    now,
    ...(onProgress && { onProgress }),
    collectionOf: () => pointers.of(collectionOf(projection)),
  });
  const stopTaking = followSwitchOvers({ store, pointers, projections, runner, onError });
  return {
    following: runner,
    async end() {
      // Stopped first, so that an exchange that the end of the runner interrupts is not reported as a failure.
      const taken = stopTaking();
      await runner.stop();
      await taken;
    },
  };
};

/** Two processes that run the same projection are harmless and useless. */
const warnIfRun = async ({ store, say, now }: HostOptions, it: CustomProjection): Promise<void> => {
  const collection = collectionOf(it);
  const rows = await runState(store).all();
  const other = rows.find((row) => row.name === it.name && row.version === it.version);
  if (!other || !isRunning(other, now()) || !mayLive(other.runner)) return;
  say(`projection ${it.name}: ${collection} is run by ${other.runner} already; both go on`);
};

/** Whether a runner, `<host>/<pid>`, is another process that may still be alive. */
const mayLive = (runner: string): boolean => {
  const [host, pid] = runner.split('/');
  if (host !== hostname()) return true;
  return Number(pid) !== process.pid && isProcessAlive(Number(pid));
};

const forget = async (store: ReadStore, projection: CustomProjection): Promise<void> => {
  const collection = collectionOf(projection);
  const told = await runState(store).all();
  for (const { id, name, version } of told) {
    if (name === projection.name && version === projection.version) {
      await runState(store).forget(id);
    }
  }
  if (!isExternal(projection)) await forgetModel(store, collection);
};
