import { Command } from 'commander';
import { destination, pino } from 'pino';
import { configOf, environment, unknownVariables } from '../config.ts';
import type { Running } from '../main.ts';

/** A stop that takes longer than this is broken off. */
const stopMsMax = 9500;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Stops what runs, or what is still starting, at the first signal. */
const stopOnSignal = (starting: Promise<Running>): void => {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say(`${signal}: stopping`);
    setTimeout(() => {
      process.stderr.write(
        'oshi: stopping took too long and was broken off; nothing acknowledged is lost\n',
      );
      process.exit(1);
    }, stopMsMax).unref();
    try {
      await (await starting).close();
      process.exit(0);
    } catch (error) {
      process.stderr.write(`oshi: stopping failed: ${String(error)}\n`);
      process.exit(1);
    }
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
};

/** Runs the server until it is told to stop. It is loaded only now, so that help comes at once. */
export const runServer = async (): Promise<void> => {
  for (const line of unknownVariables(environment())) process.stderr.write(`oshi: ${line}\n`);
  const config = configOf(environment());
  const logger = pino({ level: config.logLevel, redact: ['personal'] }, destination(2));
  const { start } = await import('../main.ts');
  const starting = start({ config, logger, say });
  stopOnSignal(starting);
  const { engine, url } = await starting;
  const place = engine === 'embedded' ? `data in ${config.dataDir}` : 'data on the servers';
  say(`Oshi listens on ${url} (${engine} engine, ${place})`);
};

/** `oshi start`: runs the server until it is told to stop. */
export const startCommand = (): Command =>
  new Command('start')
    .description('run the server (this is what `oshi` alone does)')
    .action(runServer);
