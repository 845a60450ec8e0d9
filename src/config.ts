import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';

/** How Oshi is set up. Everything has a default; `docs/configuration.md` describes each variable. */
export type Config = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The folder of the embedded engine's files. */
  readonly dataDir: string;
  /** The servers of the cluster engine; undefined: the embedded engine. */
  readonly cluster: ClusterConfig | undefined;
  /** How many processes serve behind the port. */
  readonly workers: number;
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

export type ClusterConfig = {
  readonly natsUrl: string;
  readonly natsFiles: NatsFiles;
  /** Copies of each stream and bucket; undefined: one of new ones, existing ones stay as they are. */
  readonly natsReplicas: number | undefined;
  /** The number of partitions of a new log; undefined: the default. */
  readonly partitions: number | undefined;
  readonly mongodbUrl: string;
};

/** Paths of the files for connections to NATS, by setting. */
export type NatsFiles = Readonly<Partial<Record<NatsFileVariable, string | undefined>>>;

const natsFileVariables = [
  'OSHI_NATS_CREDENTIALS',
  'OSHI_NATS_TLS_CA',
  'OSHI_NATS_TLS_CERT',
  'OSHI_NATS_TLS_KEY',
] as const;

export type NatsFileVariable = (typeof natsFileVariables)[number];

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

export const registrationModes = ['open', 'invite', 'closed'] as const;

/** A setting that cannot be used. The message is one line that says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of a server, each of which is also an option of `oshi start`. */
export const serverVariables = [
  'OSHI_HOST',
  'OSHI_PORT',
  'OSHI_DATA_DIR',
  'OSHI_NATS_URL',
  ...natsFileVariables,
  'OSHI_NATS_REPLICAS',
  'OSHI_MONGODB_URL',
  'OSHI_PARTITIONS',
  'OSHI_WORKERS',
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
/** More are refused by JetStream. */
const natsReplicasMax = 5;
/** Of a log on servers. */
export const partitionsMax = 256;
const workersMax = 64;
const checkpointMinutesMax = 7 * 24 * 60;
const diskReserveMibDefault = 256;
const diskReserveMibMax = 1024 ** 2;

type Range = readonly [min: number, max: number, instead?: string];

const integer = (name: string, text: string, [min, max, instead]: Range): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const choices = instead === undefined ? '' : `${instead} or `;
  throw new ConfigError(
    `${name} is "${text}"; it must be ${choices}a number from ${min} to ${max}`,
  );
};

const oneOf = <T extends string>(name: string, text: string, choices: readonly T[]): T => {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new ConfigError(`${name} is "${text}"; it must be one of ${choices.join(', ')}`);
};

type Name = (typeof variables)[number];
type Get = (name: Name) => string | undefined;

/** Refuses one of two settings without the other. */
const requireBoth = (get: Get, [one, other]: readonly [Name, Name], purpose: string): void => {
  if ((get(one) === undefined) === (get(other) === undefined)) return;
  const [given, missing] = get(one) === undefined ? [other, one] : [one, other];
  throw new ConfigError(`${given} is set and ${missing} is not; set both ${purpose}`);
};

const clusterOf = (get: Get): ClusterConfig | undefined => {
  const urls = ['OSHI_NATS_URL', 'OSHI_MONGODB_URL'] as const;
  requireBoth(get, urls, 'to run on servers, or neither to run on files');
  const pair = ['OSHI_NATS_TLS_CERT', 'OSHI_NATS_TLS_KEY'] as const;
  requireBoth(get, pair, 'to connect to NATS with a client certificate, or neither');
  const optional = (name: Name, max: number): number | undefined => {
    const text = get(name);
    return text === undefined ? undefined : integer(name, text, [1, max]);
  };
  const natsReplicas = optional('OSHI_NATS_REPLICAS', natsReplicasMax);
  const partitions = optional('OSHI_PARTITIONS', partitionsMax);
  const [natsUrl, mongodbUrl] = urls.map(get);
  if (natsUrl === undefined || mongodbUrl === undefined) return undefined;
  const natsFiles = Object.fromEntries(natsFileVariables.map((name) => [name, get(name)]));
  return { natsUrl, natsFiles, natsReplicas, partitions, mongodbUrl };
};

const workersOf = (text: string, isOnServers: boolean): number => {
  if (text === 'auto') return isOnServers ? availableParallelism() : 1;
  const workers = integer('OSHI_WORKERS', text, [1, workersMax, 'auto']);
  if (workers === 1 || isOnServers) return workers;
  throw new ConfigError(
    `OSHI_WORKERS is "${text}"; it must be 1 or auto on files, which one process uses: set OSHI_NATS_URL and OSHI_MONGODB_URL for more`,
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
  const get: Get = (name) => environment[name] || undefined;
  const number = (name: Name, fallback: number, range: readonly [number, number]): number =>
    integer(name, get(name) ?? `${fallback}`, range);
  const cluster = clusterOf(get);
  return Object.freeze({
    host: get('OSHI_HOST') ?? '127.0.0.1',
    port: number('OSHI_PORT', 8080, [0, 65_535]),
    dataDir: resolve(get('OSHI_DATA_DIR') ?? 'data'),
    cluster,
    workers: workersOf(get('OSHI_WORKERS') ?? '1', cluster !== undefined),
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

/** At most so many letters of a misspelt prefix. */
const prefixDistanceMax = 2;

const isMeant = (name: string): boolean =>
  name.startsWith('OSHI_') ||
  variables.some((each) => distance(name.toUpperCase(), each) <= prefixDistanceMax);

/** A line for each variable that seems meant for Oshi and is not known, with the one that was perhaps meant. */
export const unknownVariables = (environment: Environment): string[] =>
  Object.keys(environment)
    .filter((name) => isMeant(name) && !known.has(name))
    .map(
      (name) =>
        `${name} is not known and has no effect; the nearest that is known is ${closest(name.toUpperCase(), variables)}`,
    );

/** The environment of this process; nothing else in Oshi reads it. */
export const environment = (): Environment => process.env;
