import { configOf, environment } from '../../config.ts';
import { storageOf } from '../../engine/engine.ts';
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
import { shown } from '../terminal/shown.ts';

/** Whoever runs a projection looks for wishes every second; so long, in ms, one that may be there is waited for. */
const heedMs = 5000;
const lookEveryMs = 100;
/** After so long, in ms, people are told what is waited for. */
const quietMs = 2000;
/** So long at most one that says that it runs is waited for: a large batch may be in flight. */
const heedMsMax = 60_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One projection, by all its versions, and the store in which wishes are made. */
type Wishing = {
  readonly store: ReadStore;
  readonly name: string;
  readonly standings: readonly ProjectionStatus[];
};

/** `oshi projections stop`. */
export const stop = (name: string): Promise<void> =>
  wishing(name, async (of) => {
    const isHeeded = await wish(of, 'stopped', areStopped);
    say(
      isHeeded
        ? `${name} is stopped. To go on: oshi projections resume ${name}`
        : `Nobody runs ${name} now. It stays stopped until: oshi projections resume ${name}`,
    );
  });

/** `oshi projections resume`. */
export const resume = (name: string): Promise<void> =>
  wishing(name, async (of) => {
    const since = new Map(of.standings.flatMap(({ run }) => (run ? [[run.id, run.since]] : [])));
    const isNew = (run: Run): boolean => run.since !== since.get(run.id) && run.state !== 'stopped';
    const isHeeded = await wish(of, 'running', (rows) => rows.some(isNew));
    if (!isHeeded) {
      await desiredState(of.store).forget(name);
      say(`${name} may run again, but nobody runs it now: start a server that names it in`);
      say('OSHI_PROJECTIONS, or: oshi project <its file>');
      return;
    }
    const failure = await brokenAgain(of, isNew);
    if (failure !== undefined) throw new Error(`${name} has failed again: ${shown(failure)}`);
    say(`${name} goes on. To see how far it is: oshi projections`);
  });

/** `oshi projections detach`. */
export const detach = (name: string): Promise<void> =>
  wishing(name, async (of) => {
    const { store, standings } = of;
    await wish(of, 'detached', async () => !(await desiredState(store).get(name)));
    await desiredState(store).forget(name);
    for (const { collection, version, run } of standings) {
      if (collection !== undefined) await forgetModel(store, collectionOf({ name, version }));
      if (run) await runState(store).forget(run.id);
    }
    const isElsewhere = standings.every(({ collection }) => collection === undefined);
    say(
      isElsewhere
        ? `${name} is detached; its rows are where it has kept them`
        : `${name} is detached and its rows are gone`,
    );
  });

const wishing = async (name: string, act: (of: Wishing) => Promise<void>): Promise<void> => {
  const config = configOf(environment());
  const store = await (await storageOf(config)).openStore();
  try {
    if (builtIn.some((own) => own.name === name)) {
      throw new Error(
        `${name} is one of Oshi’s own, which the server itself reads: it runs as long as the server does; to build it anew: oshi rebuild ${name}`,
      );
    }
    const options = { builtIn, heads: new Map<number, number>(), now: wallClock() };
    const all = await statusesOf({ reader: readerOf(store), ...options });
    const standings = all.filter((each) => each.name === name);
    if (standings.length === 0) throw new Error(unknown(name, all));
    await act({ store, name, standings });
  } finally {
    await store.close();
  }
};

const unknown = (name: string, all: readonly ProjectionStatus[]): string => {
  const others = [...new Set(all.flatMap((each) => (each.isOwn ? [] : each.name)))];
  const known = others.length > 0 ? `there are: ${others.join(', ')}` : 'none was attached yet';
  return `there is no projection of one’s own that is called ${shown(name)}; ${known}`;
};

/** Nobody says any more that it runs. */
const areStopped = (rows: readonly Run[]): boolean =>
  rows.some(({ state }) => state === 'stopped') && !rows.some((run) => isRunning(run, wallClock()));

/**
 * Makes a wish and waits until whoever runs the projection has heeded it, as its rows of `runs` tell. Gives whether
 * that is so; false when nobody seems to run it. Rejects if somebody does and heeds nothing.
 */
const wish = async (
  { store, name }: Wishing,
  wanted: Wanted,
  isHeeded: (rows: readonly Run[]) => boolean | Promise<boolean>,
): Promise<boolean> => {
  await desiredState(store).make(name, { wanted, at: wallClock() });
  const begun = monotonic();
  const tell = waitingTeller();
  for (;;) {
    const rows = await runsOf(store, name);
    if (await isHeeded(rows)) return true;
    const refused = (await desiredState(store).get(name))?.refused;
    if (refused !== undefined) throw new Error(`${name} is not ${wanted}: ${refused}`);
    const waited = monotonic() - begun;
    const running = rows.find((run) => isRunning(run, wallClock()));
    if (!running && waited > heedMs) return false;
    if (running && waited > heedMsMax) {
      throw new Error(
        `${name} is run by ${running.runner}, which has not heeded this for ${heedMsMax / 1000} s: see what it does, or end it`,
      );
    }
    if (waited > quietMs) tell(running);
    await sleep(lookEveryMs);
  }
};

/** Gives what says once, on a terminal, for whom one waits. */
const waitingTeller = (): ((running: Run | undefined) => void) => {
  let isTold = !process.stderr.isTTY;
  return (running) => {
    if (!isTold) process.stderr.write(`waiting for ${running?.runner ?? 'whoever runs it'} …\n`);
    isTold = true;
  };
};

/** Of all its versions, also of one that is new with this run. */
const runsOf = async (store: ReadStore, name: string): Promise<Run[]> =>
  (await runState(store).all()).filter((run) => run.name === name);

/** What it broke on, if it breaks again at once. */
const brokenAgain = async (
  { store, name }: Wishing,
  isNew: (run: Run) => boolean,
): Promise<string | undefined> => {
  for (const until = monotonic() + heedMs; monotonic() < until; ) {
    const rows = (await runsOf(store, name)).filter(isNew);
    const broken = rows.find(({ state }) => state === 'failed');
    if (broken) return broken.failure?.message;
    if (rows.some(({ state }) => state === 'live')) return undefined;
    await sleep(lookEveryMs);
  }
  return undefined;
};
