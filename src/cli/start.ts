import { Command } from 'commander';
import { destination, type Logger, pino } from 'pino';
import { configOf, environment, unknownVariables } from '../config.ts';
import { newVaultOption } from '../engine/start-checks.ts';
import type { Running } from '../main.ts';
import { setTimeout } from '../runtime/timers.ts';
import { shown } from './terminal/shown.ts';

/** A stop that takes longer than this is broken off. */
const stopMsMax = 9500;

/** Prints a line for people, which may hold what others wrote: modules, file names. */
const say = (line: string): void => {
  process.stdout.write(`${shown(line)}\n`);
};

/** Stops what runs, or what is still starting, in order and once; the process ends with this exit code. */
const stopper = (starting: Promise<Running>) => {
  let stopping = false;
  return async (why: string, exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say(`${why}: stopping`);
    setTimeout(() => {
      process.stderr.write(
        'oshi: stopping took too long and was broken off; nothing acknowledged is lost\n',
      );
      process.exit(1);
    }, stopMsMax).unref();
    try {
      await (await starting).close();
      process.exit(exitCode);
    } catch (error) {
      process.stderr.write(`oshi: stopping failed: ${String(error)}\n`);
      process.exit(1);
    }
  };
};

export type ServerWords = {
  /** Begins an empty vault although the log holds events. */
  readonly newVault?: boolean;
};

/**
 * lmdb writes each failure of a commit to the console although it rejects it too; those who are rejected report it. Now
 * such lines are of the server's own form, and of the level `debug`.
 */
const takeConsole = (logger: Logger): void => {
  const error = (...parts: readonly unknown[]): void => {
    const [err] = parts;
    logger.debug({ err }, 'a library wrote to the console');
  };
  Object.assign(console, { error });
};

/** Runs the server until it is told to stop. It is loaded only now, so that help comes at once. */
export const runServer = async ({ newVault = false }: ServerWords = {}): Promise<void> => {
  for (const line of unknownVariables(environment())) process.stderr.write(`oshi: ${line}\n`);
  const config = configOf(environment());
  const logger = pino({ level: config.logLevel, redact: ['personal'] }, destination(2));
  takeConsole(logger);
  const { start } = await import('../main.ts');
  const starting = start({ config, logger, say, isNewVault: newVault });
  const stop = stopper(starting);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void stop(signal, 0));
  const { engine, url, lost } = await starting;
  void lost?.then(({ message }) => {
    process.stderr.write(`oshi: ${message}\n`);
    void stop('taken over', 1);
  });
  const place = engine === 'embedded' ? `data in ${config.dataDir}` : 'data on the servers';
  say(`Oshi listens on ${url} (${engine} engine, ${place})`);
};

/** `oshi start`: runs the server until it is told to stop. */
export const startCommand = (): Command =>
  new Command('start')
    .description('run the server (this is what `oshi` alone does)')
    .option(
      newVaultOption,
      'begin an empty vault for a log that has lost its own: no password is valid any more',
    )
    .action((words: ServerWords) => runServer(words));
