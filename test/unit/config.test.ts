import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, configOf, unknownVariables, variables } from '../../src/config.ts';

const urls = { OSHI_NATS_URL: 'nats://a:4222', OSHI_MONGODB_URL: 'mongodb://b:27017/oshi' };

/** Why an environment cannot be used. */
const complaint = (environment: Record<string, string>): string => {
  try {
    configOf(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return 'none';
};

const natsFiles = {
  OSHI_NATS_CREDENTIALS: '/etc/oshi/oshi.creds',
  OSHI_NATS_TLS_CA: '/etc/oshi/ca.pem',
  OSHI_NATS_TLS_CERT: '/etc/oshi/oshi.pem',
  OSHI_NATS_TLS_KEY: '/etc/oshi/oshi.key',
};

test('everything has a default', () => {
  expect(configOf({})).toEqual({
    host: '127.0.0.1',
    port: 8080,
    dataDir: resolve('data'),
    cluster: undefined,
    workers: 1,
    logLevel: 'warn',
    name: 'Oshi',
    registration: 'open',
    rateLimits: true,
    dailyCommands: 20_000,
    projections: [],
    messageMax: 4000,
    trustProxy: 'loopback',
    checkpointMinutes: 60,
    diskReserveMib: 256,
    metricsToken: undefined,
  });
});

test('every variable is read', () => {
  const all = {
    ...urls,
    ...natsFiles,
    OSHI_NATS_REPLICAS: '3',
    OSHI_PARTITIONS: '256',
    OSHI_WORKERS: '4',
    OSHI_HOST: '::',
    OSHI_PORT: '0',
    OSHI_DATA_DIR: '/var/lib/oshi',
    OSHI_LOG_LEVEL: 'silent',
    OSHI_NAME: 'Garden Club',
    OSHI_REGISTRATION: 'invite',
    OSHI_RATE_LIMITS: 'off',
    OSHI_DAILY_COMMANDS: '0',
    OSHI_PROJECTIONS: 'one.js,two.js',
    OSHI_MESSAGE_MAX: '16000',
    OSHI_TRUST_PROXY: 'on',
    OSHI_CHECKPOINT_MINUTES: '0',
    OSHI_DISK_RESERVE: '0',
    OSHI_METRICS_TOKEN: 'a-token-for-prometheus',
  };
  expect(configOf(all)).toEqual({
    host: '::',
    port: 0,
    dataDir: '/var/lib/oshi',
    cluster: {
      natsUrl: urls.OSHI_NATS_URL,
      natsFiles,
      natsReplicas: 3,
      partitions: 256,
      mongodbUrl: urls.OSHI_MONGODB_URL,
    },
    workers: 4,
    logLevel: 'silent',
    name: 'Garden Club',
    registration: 'invite',
    rateLimits: false,
    dailyCommands: 0,
    projections: ['one.js', 'two.js'],
    messageMax: 16_000,
    trustProxy: true,
    checkpointMinutes: 0,
    diskReserveMib: 0,
    metricsToken: 'a-token-for-prometheus',
  });
  const ofTests = ['OSHI_NATS_SERVER', 'OSHI_MONGOD', 'OSHI_CHROMIUM', 'OSHI_POSTGRES'];
  const ofChat = ['OSHI_URL', 'OSHI_TOKEN'];
  expect(new Set([...Object.keys(all), ...ofChat, ...ofTests])).toEqual(new Set(variables));
});

test('as many workers as processors are used by auto on servers, one on files', () => {
  expect(configOf({ ...urls, OSHI_WORKERS: 'auto' }).workers).toBe(availableParallelism());
  expect(configOf({ OSHI_WORKERS: 'auto' }).workers).toBe(1);
  expect(configOf({ OSHI_WORKERS: '1' }).workers).toBe(1);
  expect(complaint({ OSHI_WORKERS: '2' })).toMatch(/set OSHI_NATS_URL and OSHI_MONGODB_URL/);
});

test('an empty variable counts as none', () => {
  const empty = Object.fromEntries(variables.map((name) => [name, '']));
  expect(configOf(empty)).toEqual(configOf({}));
});

test('a data folder is found from where Oshi is started', () => {
  expect(configOf({ OSHI_DATA_DIR: 'here/it/is' }).dataDir).toBe(resolve('here/it/is'));
});

test.for([
  ['OSHI_PORT', ['-1', '65536', '80a', '8080.5', '1e3', ' 80', 'eighty', '99999999999']],
  ['OSHI_MESSAGE_MAX', ['0', '16001', 'many', '-5', '4_000']],
  ['OSHI_LOG_LEVEL', ['loud', 'WARN', 'warning', ' info']],
  ['OSHI_NATS_REPLICAS', ['0', '6', 'three']],
  ['OSHI_PARTITIONS', ['0', '257', 'auto']],
  ['OSHI_WORKERS', ['0', '65', 'all', '2', 'AUTO']],
  ['OSHI_DAILY_COMMANDS', ['-1', '100000001', 'off']],
  ['OSHI_DISK_RESERVE', ['-1', '1048577', '256M', '10%', 'off']],
  ['OSHI_REGISTRATION', ['yes', 'none', 'Open']],
  ['OSHI_RATE_LIMITS', ['no', 'OFF', 'true', '0']],
  ['OSHI_TRUST_PROXY', ['yes', 'true', 'proxy.example.org', '10.0.0.1;10.0.0.2', '10.0.0', ',']],
] as const)('a value of %s that cannot be used is named with what could', ([name, values]) => {
  for (const value of values) {
    const message = complaint({ [name]: value });
    expect(message).toContain(`${name} is "${value}"; it must be `);
    expect(message).not.toContain('\n');
  }
});

test('bounds are good values', () => {
  for (const port of ['0', '1', '65535']) expect(complaint({ OSHI_PORT: port })).toBe('none');
  for (const max of ['1', '16000']) expect(complaint({ OSHI_MESSAGE_MAX: max })).toBe('none');
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) {
    expect(configOf({ OSHI_LOG_LEVEL: level }).logLevel).toBe(level);
  }
});

test('one server’s URL without the other’s is refused, and both are named', () => {
  for (const [given, missing] of [
    ['OSHI_NATS_URL', 'OSHI_MONGODB_URL'],
    ['OSHI_MONGODB_URL', 'OSHI_NATS_URL'],
  ] as const) {
    const message = `${given} is set and ${missing} is not; set both to run on servers, or neither to run on files`;
    expect(complaint({ [given]: urls[given] })).toBe(message);
    expect(complaint({ [given]: urls[given], [missing]: '' })).toBe(message);
  }
});

test('a client certificate without its key is refused, and a key without its certificate', () => {
  for (const [given, missing] of [
    ['OSHI_NATS_TLS_CERT', 'OSHI_NATS_TLS_KEY'],
    ['OSHI_NATS_TLS_KEY', 'OSHI_NATS_TLS_CERT'],
  ] as const) {
    expect(complaint({ ...urls, [given]: '/etc/oshi/file.pem' })).toBe(
      `${given} is set and ${missing} is not; set both to connect to NATS with a client certificate, or neither`,
    );
  }
});

test('proxies are trusted by name or address', () => {
  const trusted = (text: string) => configOf({ OSHI_TRUST_PROXY: text }).trustProxy;
  expect([trusted('on'), trusted('off')]).toEqual([true, false]);
  for (const text of [
    'loopback',
    '10.0.0.1',
    '10.0.0.0/8, 192.168.1.1',
    'loopback,fd00::/8',
    '::1',
  ]) {
    expect(trusted(text)).toBe(text);
  }
});

test('a range of addresses that cannot be is refused', () => {
  for (const text of ['10.0.0.0/33', '10.0.0.0/999', 'fd00::/129']) {
    expect(complaint({ OSHI_TRUST_PROXY: text })).toContain('OSHI_TRUST_PROXY');
  }
});

test('modules of projections are parted by commas, empty ones left out', () => {
  expect(configOf({ OSHI_PROJECTIONS: ',a.js,,b.js, ' }).projections).toEqual(['a.js', 'b.js']);
});

test('an unknown variable is named with the nearest that is known', () => {
  const lines = unknownVariables({
    OSHI_PROT: '80',
    OSHI_DATADIR: 'x',
    OSHI_MONGO_URL: 'x',
    OSHI_LOGLEVEL: '',
    ...urls,
    PATH: '/bin',
    MY_OSHI_PORT: 'x',
    OHSI_PORT: '80',
    oshi_host: '::',
  });
  const line = (name: string, nearest: string) =>
    `${name} is not known and has no effect; the nearest that is known is ${nearest}`;
  expect(lines).toEqual([
    line('OSHI_PROT', 'OSHI_PORT'),
    line('OSHI_DATADIR', 'OSHI_DATA_DIR'),
    line('OSHI_MONGO_URL', 'OSHI_MONGODB_URL'),
    line('OSHI_LOGLEVEL', 'OSHI_LOG_LEVEL'),
    line('OHSI_PORT', 'OSHI_PORT'),
    line('oshi_host', 'OSHI_HOST'),
  ]);
  expect(unknownVariables(Object.fromEntries(variables.map((name) => [name, 'x'])))).toEqual([]);
});

test('a configuration is not changed by anybody', () => {
  expect(Object.isFrozen(configOf({}))).toBe(true);
});

test.for(['short', 'a token with some spaces', 'ein-Schlüssel-für-uns'])(
  'a token for metrics that no header could carry, or that can be guessed, is refused and not repeated: %s',
  (token) => {
    const said = complaint({ OSHI_METRICS_TOKEN: token });
    expect(said).toMatch(/^OSHI_METRICS_TOKEN cannot be used; it must be/);
    expect(said).not.toContain(token);
  },
);
