import type { Command } from 'commander';
import { environment } from '../config.ts';
import type { CustomProjection } from '../hosting/module.ts';
import type { Projecting, ProjectingProgress } from '../hosting/project.ts';
import { monotonic, wallClock } from '../runtime/clock.ts';
import type { Wanted } from '../store/state/desired-states.ts';
import { jsonLine } from '../text/json-line.ts';
import { openOutput } from './terminal/output.ts';
import { progressBar } from './terminal/progress-bar.ts';

type Options = { readonly untilCaughtUp?: boolean; readonly json?: boolean };

/** The interval of progress lines, in ms. */
const lineMs = 1000;

const sum = (places: readonly number[]): number => places.reduce((all, place) => all + place, 0);

/** Prints the progress: as NDJSON, as lines for people, or as a bar on a terminal. */
const progressPrinter = ({ name, version }: CustomProjection, { json }: Options) => {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const bar = progressBar();
  let first: { readonly applied: number; readonly at: number } | undefined;
  let told: { state?: string; trouble?: string | undefined; at: number } = { at: 0 };

  const rate = (progress: ProjectingProgress) => {
    const [applied, head] = [sum(progress.applied), sum(progress.heads)];
    first ??= { applied, at: monotonic() };
    const seconds = Math.max(1, monotonic() - first.at) / 1000;
    const perSecond = Math.round((applied - first.applied) / seconds);
    const secondsLeft = perSecond > 0 ? Math.ceil((head - applied) / perSecond) : undefined;
    return { applied, head, perSecond, ...(secondsLeft !== undefined && { secondsLeft }) };
  };
  const lineOf = (progress: ProjectingProgress): string => {
    const { applied, head, perSecond, secondsLeft } = rate(progress);
    if (json) {
      const { perSecond: commitsPerSecond, ...rest } = { perSecond, secondsLeft };
      return jsonLine({ name, version, ...progress, commitsPerSecond, ...rest });
    }
    if (progress.trouble !== undefined) return `projection ${name}: ${progress.trouble}; retrying`;
    const share = head > 0 ? Math.floor((applied / head) * 100) : 100;
    const left = secondsLeft === undefined ? '' : `, ${secondsLeft} s left`;
    return `projection ${name}: ${share} % (${applied} of ${head} places), ${perSecond}/s${left}`;
  };
  return {
    line(line: string): void {
      bar.stop();
      if (json) process.stderr.write(`${line}\n`);
      else print(line);
    },
    moved(progress: ProjectingProgress): void {
      const { state, trouble } = progress;
      const isNew = state !== told.state || trouble !== told.trouble;
      const isCatchingUp = state === 'catching-up';
      if (process.stderr.isTTY && isCatchingUp && trouble === undefined && !json) {
        bar.update(sum(progress.applied), sum(progress.heads), 'places');
      } else if (isNew || monotonic() - told.at >= lineMs) {
        // The position of a live projection is printed only as JSON.
        if (json || isCatchingUp) {
          bar.stop();
          print(lineOf(progress));
        }
        told = { state, trouble, at: monotonic() };
      }
    },
    end: bar.stop,
  };
};

/** Resolves on a signal or `finish()`; rejects on `finish(error)`. */
const ending = () => {
  let finish: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve());
  });
  process.once('SIGINT', () => finish()).once('SIGTERM', () => finish());
  ended.catch(() => undefined);
  return { ended, finish };
};

const run = async (path: string, options: Options): Promise<void> => {
  openOutput();
  const { loadProjection } = await import('../hosting/module.ts');
  const { projectFrom } = await import('../hosting/project.ts');
  const projection = await loadProjection(path);
  const { name } = projection;
  const printer = progressPrinter(projection, options);
  const { ended, finish } = ending();
  const onApplied = (wanted: Wanted): void => {
    if (wanted === 'detached') finish();
    if (wanted === 'stopped' && options.untilCaughtUp) {
      finish(new Error(`projection ${name} is stopped; oshi projections resume ${name}`));
    }
  };
  let projecting: Projecting | undefined;
  // A request that could not be applied is printed, and the projection continues; a failure ends it.
  const onError = (error: Error): void => {
    if (projecting && !projecting.failure()) printer.line(`projection ${name}: ${error.message}`);
    else finish(error);
  };
  projecting = await projectFrom(projection, {
    environment: environment(),
    reload: () => loadProjection(path),
    say: printer.line,
    onMoved: printer.moved,
    onError,
    onApplied,
    now: wallClock,
  });
  try {
    const { caughtUp, progress } = projecting;
    const onCaughtUp = (): void => {
      printer.line(`projection ${name}: caught up, ${progress().events} events`);
      if (options.untilCaughtUp) finish();
    };
    // Failures are reported by `onError` or `onApplied`.
    void caughtUp().then(onCaughtUp, () => undefined);
    await ended;
  } finally {
    printer.end();
    await projecting.stop();
  }
};

export const projectCommand = (command: Command): Command =>
  command
    .argument('<module>', 'a JavaScript module that exports it as "projection"')
    .option('--until-caught-up', 'exit when it has reached the end that the log had at the start')
    .option('--json', 'print the progress as NDJSON')
    .addHelpText(
      'after',
      `
It resumes where it stopped, or starts with the first event, and then follows the log until Ctrl-C, with or without a
running server. Rows are stored in Oshi's store (oshi rows prints them); those of an external projection
where its module keeps them. The log is given by OSHI_DATA_DIR, or OSHI_NATS_URL and OSHI_MONGODB_URL.

  oshi project examples/leaderboard.js
  oshi project examples/postgres-copy.js --until-caught-up

--json prints {"name","version","state","applied","heads","events","commitsPerSecond","secondsLeft"} about every
second while there is progress: state is catching-up, live, failed or stopped; applied and heads have one number per
partition. oshi projections stop, resume and detach work with it. See docs/projections.md for how to write one.

Exit codes: 0 stopped, or caught up; 1 failure, see the last line (fix it and restart:
nothing is lost); 2 invalid command line.`,
    )
    .action(run);
