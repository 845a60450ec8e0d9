import { forgetModel } from '../../projections/binding.ts';
import { collectionOf } from '../../projections/projection.ts';
import { builtIn } from '../../projections/read-models.ts';
import { type ProjectionStatus, statusesOf } from '../../projections/status.ts';
import { monotonic, wallClock } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import { readerOf } from '../../store/document-reader.ts';
import { desiredState, type Wanted } from '../../store/state/desired-states.ts';
import { isRunning, type Run, runState } from '../../store/state/runs.ts';
import type { ReadStore } from '../../store/store.ts';
import { configuredStorage } from '../storage.ts';
import { shown } from '../terminal/shown.ts';

/** Runners poll the desired state every second; how long to wait for one that may be running, in ms. */
const applyMs = 5000;
const pollMs = 100;
/** After how long to print what is being waited for, in ms. */
const quietMs = 2000;
/** How long to wait for a runner that reports itself as running, in ms: a large batch may be in flight. */
const applyMsMax = 60_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A projection with all its versions, and the store of the desired state. */
type Target = {
  readonly store: ReadStore;
  readonly name: string;
  readonly statuses: readonly ProjectionStatus[];
};

export const stop = (name: string): Promise<void> =>
  withTarget(name, async (of) => {
    const isApplied = await setDesired(of, 'stopped', areStopped);
    say(
      isApplied
        ? `${name} is stopped. To continue: oshi projections resume ${name}`
        : `${name} is not running. It stays stopped until: oshi projections resume ${name}`,
    );
  });

export const resume = (name: string): Promise<void> =>
  withTarget(name, async (of) => {
    const since = new Map(of.statuses.flatMap(({ run }) => (run ? [[run.id, run.since]] : [])));
    const isNew = (run: Run): boolean => run.since !== since.get(run.id) && run.state !== 'stopped';
    const isApplied = await setDesired(of, 'running', (rows) => rows.some(isNew));
    if (!isApplied) {
      await desiredState(of.store).forget(name);
      say(`${name} may run again, but is not running: start a server that lists it in`);
      say('OSHI_PROJECTIONS, or run: oshi project <its file>');
      return;
    }
    const failure = await failedAgain(of, isNew);
    if (failure !== undefined) throw new Error(`${name} has failed again: ${shown(failure)}`);
    say(`${name} continues. To see its progress: oshi projections`);
  });

export const detach = (name: string): Promise<void> =>
  withTarget(name, async (of) => {
    const { store, statuses } = of;
    await setDesired(of, 'detached', async () => !(await desiredState(store).get(name)));
    await desiredState(store).forget(name);
    for (const { collection, version, run } of statuses) {
      if (collection !== undefined) await forgetModel(store, collectionOf({ name, version }));
      if (run) await runState(store).forget(run.id);
    }
    const isElsewhere = statuses.every(({ collection }) => collection === undefined);
    say(
      isElsewhere
        ? `${name} is detached; its external rows are unchanged`
        : `${name} is detached and its rows are deleted`,
    );
  });

const withTarget = async (name: string, act: (of: Target) => Promise<void>): Promise<void> => {
  const store = await (await configuredStorage()).openStore();
  try {
    if (builtIn.some((own) => own.name === name)) {
      throw new Error(
        `${name} is built in and always runs with the server; to rebuild it: oshi rebuild ${name}`,
      );
    }
    const options = { builtIn, heads: new Map<number, number>(), now: wallClock() };
    const all = await statusesOf({ reader: readerOf(store), ...options });
    const statuses = all.filter((each) => each.name === name);
    if (statuses.length === 0) throw new Error(unknown(name, all));
    await act({ store, name, statuses });
  } finally {
    await store.close();
  }
};

const unknown = (name: string, all: readonly ProjectionStatus[]): string => {
  const others = [...new Set(all.flatMap((each) => (each.isOwn ? [] : each.name)))];
  const known = others.length > 0 ? `there are: ${others.join(', ')}` : 'there are none';
  return `there is no custom projection named ${shown(name)}; ${known}`;
};

const areStopped = (rows: readonly Run[]): boolean =>
  rows.some(({ state }) => state === 'stopped') && !rows.some((run) => isRunning(run, wallClock()));

/**
 * Sets the desired state and waits until the runner has applied it, as its rows in `runs` show. Resolves with false if
 * no runner seems to exist. Rejects if one is running and does not apply it.
 */
const setDesired = async (
  { store, name }: Target,
  wanted: Wanted,
  isApplied: (rows: readonly Run[]) => boolean | Promise<boolean>,
): Promise<boolean> => {
  await desiredState(store).make(name, { wanted, at: wallClock() });
  const begun = monotonic();
  const notify = createWaitNotice();
  for (;;) {
    const rows = await runsOf(store, name);
    if (await isApplied(rows)) return true;
    const refused = (await desiredState(store).get(name))?.refused;
    if (refused !== undefined) throw new Error(`${name} is not ${wanted}: ${refused}`);
    const waited = monotonic() - begun;
    const running = rows.find((run) => isRunning(run, wallClock()));
    if (!running && waited > applyMs) return false;
    if (running && waited > applyMsMax) {
      throw new Error(
        `${name} is run by ${running.runner}, which has not applied this for ${applyMsMax / 1000} s: check that process, or stop it`,
      );
    }
    if (waited > quietMs) notify(running);
    await sleep(pollMs);
  }
};

/** Returns a function that prints once, on a terminal, what is being waited for. */
const createWaitNotice = (): ((running: Run | undefined) => void) => {
  let isShown = !process.stderr.isTTY;
  return (running) => {
    if (!isShown) process.stderr.write(`waiting for ${running?.runner ?? 'the runner'} …\n`);
    isShown = true;
  };
};

/** The runs of all versions, also of a new one. */
const runsOf = async (store: ReadStore, name: string): Promise<Run[]> =>
  (await runState(store).all()).filter((run) => run.name === name);

/** The error, if it fails again immediately. */
const failedAgain = async (
  { store, name }: Target,
  isNew: (run: Run) => boolean,
): Promise<string | undefined> => {
  for (const until = monotonic() + applyMs; monotonic() < until; ) {
    const rows = (await runsOf(store, name)).filter(isNew);
    const failed = rows.find(({ state }) => state === 'failed');
    if (failed) return failed.failure?.message;
    if (rows.some(({ state }) => state === 'live')) return undefined;
    await sleep(pollMs);
  }
  return undefined;
};
