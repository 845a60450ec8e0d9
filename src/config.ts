import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { closest } from 'fastest-levenshtein';

/** How Oshi is set up. Everything has a default; `docs/configuration.md` describes each variable. */
export type Config = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The folder of the embedded engine's files. */
  readonly dataDir: string;
  /** The servers of the cluster engine; undefined: the embedded engine. */
  readonly cluster: { readonly natsUrl: string; readonly mongodbUrl: string } | undefined;
  readonly logLevel: LogLevel;
  /** What clients show as the name of this server. */
  readonly name: string;
  /** Who may register: everybody, those with an invite to a circle, or nobody. */
  readonly registration: (typeof registrationModes)[number];
  /** Whether rates are limited; sizes always are. */
  readonly rateLimits: boolean;
  /** Commands of a user within 24 hours; 0: any number. */
  readonly dailyCommands: number;
  /** Paths of modules with projections of one's own. */
  readonly projections: readonly string[];
  /** Code points of a message at most. */
  readonly messageMax: number;
  /** Whose word on addresses and TLS is taken: nobody's, everybody's, or that of these addresses. */
  readonly trustProxy: boolean | string;
  /** Between two signed checkpoints of the log; 0: none. */
  readonly checkpointMinutes: number;
  /** Below so many MiB of free space new content is refused; 0: never. */
  readonly diskReserveMib: number;
  /** What `/metrics` asks for as a bearer token; undefined: nothing. */
  readonly metricsToken: string | undefined;
};

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

export const registrationModes = ['open', 'invite', 'closed'] as const;

/** A setting that cannot be used. The message is one line that says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of a server, each of which is also an option of `oshi start`. */
export const serverVariables = [
  'OSHI_HOST',
  'OSHI_PORT',
  'OSHI_DATA_DIR',
  'OSHI_NATS_URL',
  'OSHI_MONGODB_URL',
  'OSHI_LOG_LEVEL',
  'OSHI_NAME',
  'OSHI_REGISTRATION',
  'OSHI_RATE_LIMITS',
  'OSHI_DAILY_COMMANDS',
  'OSHI_PROJECTIONS',
  'OSHI_MESSAGE_MAX',
  'OSHI_TRUST_PROXY',
  'OSHI_CHECKPOINT_MINUTES',
  'OSHI_DISK_RESERVE',
  'OSHI_METRICS_TOKEN',
] as const;

export type ServerVariable = (typeof serverVariables)[number];

/**
 * Every variable that Oshi reads. `OSHI_URL` and `OSHI_TOKEN` are for `oshi chat`; the last four are read by the tests
 * and by `npm run servers` alone.
 */
export const variables = [
  ...serverVariables,
  'OSHI_URL',
  'OSHI_TOKEN',
  'OSHI_NATS_SERVER',
  'OSHI_MONGOD',
  'OSHI_CHROMIUM',
  'OSHI_POSTGRES',
] as const;

/** Settings that may hold secrets: each can be read from the file that the variable with `_FILE` at its end names. */
export const secretVariables = ['OSHI_NATS_URL', 'OSHI_MONGODB_URL', 'OSHI_METRICS_TOKEN'] as const;

const fileVariables = secretVariables.map((name) => `${name}_FILE` as const);

const messageMaxDefault = 4000;
const messageMaxMax = 16_000;
const dailyCommandsDefault = 20_000;
const dailyCommandsMax = 100_000_000;
const checkpointMinutesMax = 7 * 24 * 60;
const diskReserveMibDefault = 256;
const diskReserveMibMax = 1024 ** 2;

const integer = (name: string, text: string, [min, max]: readonly [number, number]): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ConfigError(`${name} is "${text}"; it must be a number from ${min} to ${max}`);
};

const oneOf = <T extends string>(name: string, text: string, choices: readonly T[]): T => {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new ConfigError(`${name} is "${text}"; it must be one of ${choices.join(', ')}`);
};

const clusterOf = (
  natsUrl: string | undefined,
  mongodbUrl: string | undefined,
): Config['cluster'] => {
  if (natsUrl !== undefined && mongodbUrl !== undefined) return { natsUrl, mongodbUrl };
  if (natsUrl === undefined && mongodbUrl === undefined) return undefined;
  const [given, missing] =
    natsUrl === undefined
      ? ['OSHI_MONGODB_URL', 'OSHI_NATS_URL']
      : ['OSHI_NATS_URL', 'OSHI_MONGODB_URL'];
  throw new ConfigError(
    `${given} is set and ${missing} is not; set both to run on servers, or neither to run on files`,
  );
};

const proxyNames: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

const trustOf = (text: string): boolean | string => {
  if (text === 'on' || text === 'off') return text === 'on';
  const known = text.split(',').every((part) => {
    const [address = '', bits = '0'] = part.trim().split('/');
    const bitsMax = isIP(address) === 6 ? 128 : 32;
    const isRange = isIP(address) > 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax;
    return proxyNames.has(address) || isRange;
  });
  if (known) return text;
  throw new ConfigError(
    `OSHI_TRUST_PROXY is "${text}"; it must be on, off, loopback, or addresses of proxies joined by commas`,
  );
};

const nameLengthMax = 100;

const nameOf = (text: string): string => {
  if (text.length <= nameLengthMax && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return text;
  throw new ConfigError(
    `OSHI_NAME cannot be used; it must be one line of at most ${nameLengthMax} characters`,
  );
};

const tokenLengthMin = 16;

/** A secret that can stand in a header. It is not repeated in the error, since that may be logged. */
const tokenOf = (name: string, text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  if (/^[\x21-\x7e]+$/.test(text) && text.length >= tokenLengthMin) return text;
  throw new ConfigError(
    `${name} cannot be used; it must be at least ${tokenLengthMin} letters, digits or signs of ASCII without spaces`,
  );
};

/** Reads the environment; an empty variable counts as none. Throws `ConfigError`. */
export const configOf = (environment: Environment): Config => {
  const get = (name: (typeof variables)[number]): string | undefined =>
    environment[name] || undefined;
  const number = (
    name: (typeof variables)[number],
    fallback: number,
    range: readonly [number, number],
  ): number => integer(name, get(name) ?? `${fallback}`, range);
  return Object.freeze({
    host: get('OSHI_HOST') ?? '127.0.0.1',
    port: number('OSHI_PORT', 8080, [0, 65_535]),
    dataDir: resolve(get('OSHI_DATA_DIR') ?? 'data'),
    cluster: clusterOf(get('OSHI_NATS_URL'), get('OSHI_MONGODB_URL')),
    logLevel: oneOf('OSHI_LOG_LEVEL', get('OSHI_LOG_LEVEL') ?? 'warn', logLevels),
    name: nameOf(get('OSHI_NAME') ?? 'Oshi'),
    registration: oneOf('OSHI_REGISTRATION', get('OSHI_REGISTRATION') ?? 'open', registrationModes),
    rateLimits: oneOf('OSHI_RATE_LIMITS', get('OSHI_RATE_LIMITS') ?? 'on', ['on', 'off']) === 'on',
    dailyCommands: number('OSHI_DAILY_COMMANDS', dailyCommandsDefault, [0, dailyCommandsMax]),
    projections: (get('OSHI_PROJECTIONS') ?? '').split(',').filter((path) => path.trim() !== ''),
    messageMax: number('OSHI_MESSAGE_MAX', messageMaxDefault, [1, messageMaxMax]),
    trustProxy: trustOf(get('OSHI_TRUST_PROXY') ?? 'loopback'),
    checkpointMinutes: number('OSHI_CHECKPOINT_MINUTES', 60, [0, checkpointMinutesMax]),
    diskReserveMib: number('OSHI_DISK_RESERVE', diskReserveMibDefault, [0, diskReserveMibMax]),
    metricsToken: tokenOf('OSHI_METRICS_TOKEN', get('OSHI_METRICS_TOKEN')),
  });
};

const known: ReadonlySet<string> = new Set([...variables, ...fileVariables]);

/** A line for each `OSHI_…` variable that Oshi does not know, with the one that was perhaps meant. */
export const unknownVariables = (environment: Environment): string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith('OSHI_') && !known.has(name))
    .map(
      (name) =>
        `${name} is not known and has no effect; the nearest that is known is ${closest(name, variables)}`,
    );

const textIn = (path: string, setting: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${setting}: ${path} cannot be read (${code})`, { cause });
  }
};

export type SettingSources = {
  /** Settings given on the command line. */
  readonly options?: Environment;
  /** The path of a file with lines `NAME=value`. */
  readonly file?: string | undefined;
};

/**
 * The environment with what is set elsewhere: options of the command line come first, then the environment, then a
 * file. A secret that is set nowhere is read from the file that its variable with `_FILE` names. Throws `ConfigError`.
 */
export const merged = (environment: Environment, sources: SettingSources): Environment => {
  const { options = {}, file } = sources;
  const found = file === undefined ? {} : parseEnv(textIn(file, '--config'));
  const given = [...Object.entries(environment), ...Object.entries(options)];
  const set = Object.fromEntries(given.filter(([, value]) => value));
  const settings: Record<string, string | undefined> = { ...found, ...set };
  for (const name of secretVariables) {
    const path = settings[`${name}_FILE`];
    if (!path || settings[name]) continue;
    const text = textIn(path, `${name}_FILE`).trim();
    if (text === '') throw new ConfigError(`${name}_FILE: ${path} is empty`);
    settings[name] = text;
  }
  return settings;
};

/** The environment of this process; nothing else in Oshi reads it. */
export const environment = (): Environment => process.env;

/** Adds settings from elsewhere to the environment of this process. Throws `ConfigError`. */
export const addSettings = (sources: SettingSources): void => {
  Object.assign(process.env, merged(process.env, sources));
};
