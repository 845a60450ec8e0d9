import { collectionOf, type Projection } from '../../projections/projection.ts';
import { type Pair, rebuild, type Step } from '../../projections/rebuild/rebuild.ts';
import { reportRuns } from '../../projections/reporting.ts';
import type { Progress, Runner } from '../../projections/runner/following.ts';
import { monotonic, wallClock } from '../../runtime/clock.ts';
import type { ReadStore } from '../../store/store.ts';
import { Findings } from '../../verification/findings.ts';
import { compareRebuilt } from '../../verification/rebuilt.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import type { Reporter } from './reporter.ts';
import type { Data, ModelReport, RebuildRequest } from './request.ts';

/**
 * With larger batches, reads that wait for the server's own writes take longer; the rebuild takes a fifth less time.
 */
const gentleness = { writesMax: 250, pauseMs: 2 };

type One = Data & {
  readonly projection: Projection;
  readonly reporter: Reporter;
  readonly request: RebuildRequest;
};

export const rebuildOne = async (one: One): Promise<ModelReport> => {
  const { projection, request, reporter } = one;
  const begun = monotonic();
  const model = collectionOf(projection);
  const findings = new Findings((finding) => reporter.finding(model, finding));
  const compared = { documents: 0, differing: 0 };
  const shown = bars();
  let events = 0;
  const compare = async (pair: Pair, ending: AbortSignal): Promise<number> => {
    const onProgress = (done: number, total: number): void => {
      ending.throwIfAborted();
      shown.compared(done, total);
    };
    const result = await compareRebuilt({ ...one, ...pair, findings, onProgress });
    shown.stop();
    Object.assign(compared, result);
    reporter.compared(model, result);
    return result.differing;
  };
  try {
    const { log, store, by, isOver, signal } = one;
    const last: Step = await rebuild({
      log,
      store,
      projection,
      by,
      isOver,
      signal,
      gentleness,
      compare,
      anew: request.anew ?? false,
      expectSame: request.expectSame ?? false,
      onProgress: shown.filled,
      onStep: (step) => {
        shown.stop();
        reporter.step(model, step);
      },
      onRunner: (runner, fresh) => {
        const stop = reporting(store, projection, { runner, fresh });
        return async () => {
          events += runner.counters.events;
          await stop();
        };
      },
    });
    const { counts, kept } = findings;
    return {
      model,
      events,
      ...compared,
      counts,
      findings: kept,
      switched: last.step !== 'abandoned',
      taken: last.step === 'taken',
      ms: Math.round(monotonic() - begun),
    };
  } finally {
    shown.stop();
  }
};

const reporting = (
  store: ReadStore,
  { name, version }: Projection,
  { runner, fresh }: { readonly runner: Runner; readonly fresh: string },
): (() => Promise<void>) =>
  reportRuns({
    store,
    runner,
    by: 'rebuild',
    now: wallClock,
    runs: [{ name, version, collection: fresh }],
  });

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** Progress bars for filling and then for comparing, on a terminal. */
const bars = () => {
  const bar = progressBar();
  let first: number | undefined;
  return {
    filled(progress: readonly Progress[]): void {
      const applied = sum(progress.map((each) => each.applied));
      const head = sum(progress.map((each) => each.head));
      first ??= applied;
      bar.update(applied - first, head - first, 'commits');
    },
    compared: (done: number, total: number): void => bar.update(done, total, 'documents'),
    stop(): void {
      bar.stop();
      first = undefined;
    },
  };
};
