import { Command } from 'commander';
import { destination, pino } from 'pino';
import { configOf, environment, unknownVariables } from '../config.ts';
import { start } from '../main.ts';

/** A stop that takes longer than this is broken off. */
const stopMsMax = 9500;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const run = async (): Promise<void> => {
  for (const line of unknownVariables(environment())) process.stderr.write(`oshi: ${line}\n`);
  const config = configOf(environment());
  const logger = pino({ level: config.logLevel, redact: ['personal'] }, destination(2));
  const running = await start({ config, logger, say });
  const place = running.engine === 'embedded' ? `data in ${config.dataDir}` : 'data on the servers';
  say(`Oshi listens on ${running.url} (${running.engine} engine, ${place})`);

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    say(`${signal}: stopping`);
    setTimeout(() => {
      process.stderr.write(
        'oshi: stopping took too long and was broken off; nothing acknowledged is lost\n',
      );
      process.exit(1);
    }, stopMsMax).unref();
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`oshi: stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

/** `oshi start`: runs the server until it is told to stop. */
export const startCommand = (): Command =>
  new Command('start').description('run the server (this is what `oshi` alone does)').action(run);
