import { Command } from 'commander';
import { environment } from '../config.ts';
import type { CustomProjection } from '../hosting/module.ts';
import type { Projecting, ProjectingProgress } from '../hosting/project.ts';
import { monotonic, wallClock } from '../runtime/clock.ts';
import type { Wanted } from '../store/state/desired-states.ts';
import { jsonLine } from '../text/json-line.ts';
import { progressBar } from './terminal/progress-bar.ts';

type Options = { readonly untilCaughtUp?: boolean; readonly json?: boolean };

/** Between two lines of progress, in ms. */
const lineMs = 1000;

const sum = (places: readonly number[]): number => places.reduce((all, place) => all + place, 0);

/** Tells how far it is: as lines of JSON, or for people as lines, and as a bar on a terminal. */
const teller = ({ name, version }: CustomProjection, { json }: Options) => {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  let bar: ReturnType<typeof progressBar> | undefined;
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
    if (progress.trouble !== undefined)
      return `projection ${name}: ${progress.trouble}; trying again`;
    const share = head > 0 ? Math.floor((applied / head) * 100) : 100;
    const left = secondsLeft === undefined ? '' : `, ${secondsLeft} s left`;
    return `projection ${name}: ${share} % (${applied} of ${head} places), ${perSecond}/s${left}`;
  };
  const end = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    line(line: string): void {
      end();
      if (json) process.stderr.write(`${line}\n`);
      else print(line);
    },
    moved(progress: ProjectingProgress): void {
      const { state, trouble } = progress;
      const isNew = state !== told.state || trouble !== told.trouble;
      const isCatchingUp = state === 'catching-up';
      if (process.stderr.isTTY && isCatchingUp && trouble === undefined && !json) {
        bar ??= progressBar(sum(progress.heads), 'places');
        bar.update(sum(progress.applied));
      } else if (isNew || monotonic() - told.at >= lineMs) {
        // What it stands at while it follows is for programs alone.
        if (json || isCatchingUp) {
          end();
          print(lineOf(progress));
        }
        told = { state, trouble, at: monotonic() };
      }
    },
    end,
  };
};

/** Resolves when a signal comes or something else ends it; rejects with what it failed on. */
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
  // A reader such as `head` that has seen enough closes the pipe: that is no error.
  process.stdout.on('error', () => process.exit(0));
  const { loadProjection } = await import('../hosting/module.ts');
  const { projectFrom } = await import('../hosting/project.ts');
  const projection = await loadProjection(path);
  const { name } = projection;
  const tell = teller(projection, options);
  const { ended, finish } = ending();
  const onApplied = (wanted: Wanted): void => {
    if (wanted === 'detached') finish();
    if (wanted === 'stopped' && options.untilCaughtUp) {
      finish(new Error(`projection ${name} is stopped; oshi projections resume ${name}`));
    }
  };
  let projecting: Projecting | undefined;
  // What was wanted and could not be done is said, and it goes on; what it failed on ends it.
  const onError = (error: Error): void => {
    if (projecting && !projecting.failure()) tell.line(`projection ${name}: ${error.message}`);
    else finish(error);
  };
  projecting = await projectFrom(projection, {
    environment: environment(),
    reload: () => loadProjection(path),
    say: tell.line,
    onMoved: tell.moved,
    onError,
    onApplied,
    now: wallClock,
  });
  try {
    const { caughtUp, progress } = projecting;
    const onCaughtUp = (): void => {
      tell.line(`projection ${name}: caught up, ${progress().events} events`);
      if (options.untilCaughtUp) finish();
    };
    // What keeps it from that is told by `onError` or `onApplied`.
    void caughtUp().then(onCaughtUp, () => undefined);
    await ended;
  } finally {
    tell.end();
    await projecting.stop();
  }
};

/** `oshi project`: runs a projection of one's own as a process of its own. */
export const projectCommand = (): Command =>
  new Command('project')
    .description('run a projection of your own as a process of its own')
    .argument('<module>', 'a module in JavaScript that exports it as "projection"')
    .option('--until-caught-up', 'end when it has come to where the log ended at the start')
    .option('--json', 'tell the progress as NDJSON')
    .addHelpText(
      'after',
      `
It begins where it was, at first with the first event, and then follows the log until Ctrl-C, beside a server that
runs or without one. Rows of a projection go to Oshi's own store (oshi rows prints them), those of an external one
where its module keeps them. Which log it is OSHI_DATA_DIR, or OSHI_NATS_URL and OSHI_MONGODB_URL, say.

  oshi project examples/leaderboard.js
  oshi project examples/postgres-copy.js --until-caught-up

--json prints {"name","version","state","applied","heads","events","commitsPerSecond","secondsLeft"} about every
second while something moves: state is catching-up, live, failed or stopped; applied and heads have one number for
each partition. oshi projections stop, resume and detach hold for it too. docs/projections.md says how to write one.

Exit codes: 0 it was ended, or has caught up; 1 it could not go on, as the last line says (mend it and start it
again: nothing is lost); 2 the command line was not understood.`,
    )
    .action(run);
