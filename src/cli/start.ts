import { type Command, Option } from 'commander';
import { destination, type Logger, pino } from 'pino';
import {
  ConfigError,
  configOf,
  environment,
  type ServerVariable,
  serverVariables,
  unknownVariables,
} from '../config.ts';
import { newVaultOption } from '../engine/start-checks.ts';
import { showBuilding } from './building.ts';
import { stopper } from './stopper.ts';
import { shown } from './terminal/shown.ts';
import type { WorkerLink } from './workers/worker.ts';

/** Prints a line that may contain untrusted text: modules, file names. */
const say = (line: string): void => {
  process.stdout.write(`${shown(line)}\n`);
};

export type ServerWords = {
  /** Creates an empty vault although the log contains events. */
  readonly newVault?: boolean;
  /** The number of this process, which another one has started to serve beside others. */
  readonly worker?: string;
};

/**
 * lmdb writes each failed commit to the console although it also rejects; the rejection is reported. Such lines are
 * logged with level `debug` instead.
 */
const takeConsole = (logger: Logger): void => {
  const error = (...parts: readonly unknown[]): void => {
    const [err] = parts;
    logger.debug({ err }, 'a library wrote to the console');
  };
  Object.assign(console, { error });
};

/** Runs the server until a signal, in this process or in several. */
export const runServer = async ({ newVault = false, worker }: ServerWords = {}): Promise<void> => {
  if (worker !== undefined) {
    const { linkToPrimary } = await import('./workers/worker.ts');
    return await serve(newVault, linkToPrimary());
  }
  for (const line of unknownVariables(environment())) process.stderr.write(`oshi: ${line}\n`);
  const { workers: count } = configOf(environment());
  if (count === 1) return await serve(newVault);
  const { runWorkers } = await import('./workers/workers.ts');
  await runWorkers({ count, words: newVault ? ['--new-vault'] : [], say });
};

/** Serves until a signal. The server's module is loaded only now, so that help is fast. */
const serve = async (isNewVault: boolean, link?: WorkerLink): Promise<void> => {
  const config = configOf(environment());
  const logger = pino({ level: config.logLevel, redact: ['personal'] }, destination(2));
  takeConsole(logger);
  const isSpeaker = link?.isFirst ?? true;
  let isListening = false;
  const { start } = await import('../main.ts');
  const starting = start({
    ...{ config, logger, isNewVault, siblings: link?.siblings },
    say: (line) => (isSpeaker || isListening ? say(line) : undefined),
  });
  const close = async (): Promise<undefined> => void (await (await starting).close());
  const stop = stopper({ close, say: link ? () => undefined : say });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void stop(signal, 0));
  link?.onLost(() => void stop('the primary process has ended', 1));
  const { engine, url, building } = await starting;
  isListening = true;
  const place = engine === 'embedded' ? `data in ${config.dataDir}` : 'data on the servers';
  if (link) link.listens(url);
  else say(`Oshi listens on ${url} (${engine} engine, ${place})`);
  if (isSpeaker) void showBuilding(building, say);
};

/** What the options mean, in a few words; `docs/configuration.md` describes the variables of the same names. */
const descriptions: Readonly<Record<ServerVariable, string>> = {
  OSHI_HOST: 'the address to listen on',
  OSHI_PORT: 'the port; 0: any free one',
  OSHI_DATA_DIR: 'the folder of the data',
  OSHI_NATS_URL: 'the NATS server, to run on servers',
  OSHI_NATS_CREDENTIALS: 'the credentials file for NATS',
  OSHI_NATS_TLS_CA: 'the certificate authority of NATS',
  OSHI_NATS_TLS_CERT: 'the client certificate for NATS',
  OSHI_NATS_TLS_KEY: 'the private key of that certificate',
  OSHI_NATS_REPLICAS: 'copies that NATS keeps, 1 to 5',
  OSHI_MONGODB_URL: 'the MongoDB server',
  OSHI_PARTITIONS: 'partitions of a new log on servers, 1 to 256',
  OSHI_WORKERS: 'processes behind the port, on servers: a number, or auto',
  OSHI_LOG_LEVEL: 'what is logged: warn, info, …',
  OSHI_NAME: 'the name of the server',
  OSHI_REGISTRATION: 'who may register: open, invite, closed',
  OSHI_RATE_LIMITS: 'off: no rate limits, for load tests',
  OSHI_DAILY_COMMANDS: 'commands of a user in 24 hours; 0: unlimited',
  OSHI_PROJECTIONS: 'modules with custom projections',
  OSHI_MESSAGE_MAX: 'the maximum length of a message',
  OSHI_TRUST_PROXY: 'the proxies that are trusted',
  OSHI_CHECKPOINT_MINUTES: 'minutes between signed checkpoints; 0: none',
  OSHI_DISK_RESERVE: 'MiB below which new content is refused; 0: none',
  OSHI_METRICS_TOKEN: 'the token that /metrics requires',
};

/** `OSHI_DATA_DIR` → `--data-dir`. */
const optionOf = (variable: ServerVariable): string =>
  `--${variable.slice('OSHI_'.length).toLowerCase().replaceAll('_', '-')}`;

/** Sets a variable, so that its option precedes the environment, and a secret that is given needs no file. */
const settingOf =
  (variable: ServerVariable) =>
  (value: string): string => {
    if (value === '')
      throw new ConfigError(`${optionOf(variable)} is empty: leave it out, or give a value`);
    Object.assign(environment(), { [variable]: value });
    return value;
  };

export const startCommand = (command: Command): Command => {
  for (const variable of serverVariables) {
    const option = new Option(`${optionOf(variable)} <value>`, descriptions[variable]);
    command.addOption(option.argParser(settingOf(variable)));
  }
  return command
    .option(
      newVaultOption,
      'create an empty vault for a log that has lost its own: all passwords become invalid',
    )
    .addOption(new Option('--worker <number>').hideHelp())
    .action(runServer);
};
