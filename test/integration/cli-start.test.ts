import { once } from 'node:events';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configOf } from '../../src/config.ts';
import { freePort } from '../../tools/servers/place.ts';
import { makeCircle, post, register } from '../support/fixtures/server-people.ts';
import {
  type Ending,
  type Environment,
  runOshi,
  startOshi,
} from '../support/fixtures/server-process.ts';
import { testOnOwnStages } from '../support/fixtures/server-stage.ts';
import {
  mongodbUrl,
  natsUrl,
  startOwnNats,
  testWithMongodb,
  testWithNats,
  testWithServers,
} from '../support/fixtures/servers.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-cli-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (env: Environment): Promise<Ending> =>
  runOshi(['start'], { OSHI_PORT: '0', OSHI_DATA_DIR: join(dir, 'data'), ...env });

/** It ended with code 1 and one line for people, which says these things. */
const expectLine = ({ code, stderr, stdout }: Ending, ...parts: readonly RegExp[]): void => {
  expect(stderr).toMatch(/^oshi: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|\bError:/);
  for (const part of parts) expect(stderr).toMatch(part);
  expect(stdout).not.toContain('listens');
  expect(code).toBe(1);
};

test('a port in use: which, and what to do', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' ? address?.port : 0;
  expectLine(await start({ OSHI_PORT: `${port}` }), new RegExp(`${port}.*in use`), /OSHI_PORT/);
  holder.close();
});

test('a host that is no address of this machine', async () => {
  expectLine(await start({ OSHI_HOST: '192.0.2.1' }), /192\.0\.2\.1/, /OSHI_HOST/);
});

test('a data folder that cannot be written to', async () => {
  const file = join(dir, 'file');
  await writeFile(file, '');
  expectLine(await start({ OSHI_DATA_DIR: join(file, 'data') }), /file\/data/, /folder/);
});

test('a second process on the same data folder; the first serves on', async () => {
  const shared = { OSHI_PORT: '0', OSHI_DATA_DIR: join(dir, 'shared'), OSHI_RATE_LIMITS: 'off' };
  const first = await startOshi(shared);
  expectLine(await start(shared), /shared/, /in use/, new RegExp(`${first.pid}`));
  await makeCircle(await register(first.url));
  await first.kill();
  const next = await startOshi(shared);
  await next.stop();
});

test('a truncated log file', async () => {
  const env = { OSHI_PORT: '0', OSHI_DATA_DIR: join(dir, 'cut'), OSHI_RATE_LIMITS: 'off' };
  const server = await startOshi(env);
  const ann = await register(server.url);
  const circle = await makeCircle(ann);
  const texts = Array.from({ length: 50 }, () => 'x'.repeat(4000));
  await Promise.all(texts.map((text) => post(ann, circle, { text })));
  await server.stop();
  const file = join(env.OSHI_DATA_DIR, 'log.mdb');
  const { size } = await stat(file);
  await truncate(file, Math.floor(size * 0.6));
  expectLine(await start(env), /log\.mdb/, /backup|restore/i);
  await truncate(file, Math.floor(size * 0.1));
  expectLine(await runOshi(['replay'], env), /log\.mdb/);
});

testWithMongodb('a NATS server that is not there', async () => {
  const OSHI_NATS_URL = `nats://127.0.0.1:${await freePort()}`;
  const ending = await start({ OSHI_NATS_URL, OSHI_MONGODB_URL: mongodbUrl() });
  expectLine(ending, /NATS/, /127\.0\.0\.1/);
});

testWithNats('a MongoDB server that is not there', async () => {
  const OSHI_MONGODB_URL = `mongodb://127.0.0.1:${await freePort()}`;
  expectLine(
    await start({ OSHI_NATS_URL: natsUrl(), OSHI_MONGODB_URL }),
    /MongoDB/,
    /127\.0\.0\.1/,
  );
});

testWithServers('a NATS server without JetStream', async () => {
  const nats = await startOwnNats({ jetstream: false });
  const ending = await start({ OSHI_NATS_URL: nats.url, OSHI_MONGODB_URL: mongodbUrl() });
  await nats.stop();
  expectLine(ending, /JetStream/);
});

testWithServers('addresses that are none', async () => {
  const good = { OSHI_NATS_URL: natsUrl(), OSHI_MONGODB_URL: mongodbUrl() };
  for (const bad of ['nonsense', 'mongodb://127.0.0.1:99999']) {
    expectLine(await start({ ...good, OSHI_MONGODB_URL: bad }), /MongoDB|OSHI_MONGODB_URL/);
  }
  expectLine(await start({ ...good, OSHI_NATS_URL: 'nats://127.0.0.1:99999' }), /NATS/);
});

const unusable: readonly (readonly [Environment, RegExp])[] = [
  [{ OSHI_NATS_URL: 'nats://127.0.0.1:4222' }, /OSHI_MONGODB_URL is not/],
  [{ OSHI_MONGODB_URL: 'mongodb://127.0.0.1:27017' }, /OSHI_NATS_URL is not/],
  [{ OSHI_PORT: '80x' }, /OSHI_PORT is "80x".*65535/],
  [{ OSHI_PORT: '70000' }, /OSHI_PORT/],
  [{ OSHI_PORT: '-1' }, /OSHI_PORT/],
  [{ OSHI_LOG_LEVEL: 'loud' }, /OSHI_LOG_LEVEL.*info/],
  [{ OSHI_RATE_LIMITS: 'no' }, /OSHI_RATE_LIMITS.*on, off/],
  [{ OSHI_MESSAGE_MAX: '0' }, /OSHI_MESSAGE_MAX/],
  [{ OSHI_MESSAGE_MAX: '16001' }, /OSHI_MESSAGE_MAX.*16000/],
];

test('settings that cannot be used are named with what they may be', async () => {
  // A process for each would take long; what the process makes of the error is seen with the first.
  for (const [env, line] of unusable.slice(0, 1)) expectLine(await start(env), line);
  for (const [env, line] of unusable.slice(1)) {
    expect(() => configOf(env)).toThrow(line);
    expect(() => configOf(env)).toThrow(/^[^\n]+$/);
  }
  expectLine(await start({ OSHI_TRUST_PROXY: 'nobody?' }), /OSHI_TRUST_PROXY/);
});

test('an unknown variable is named with the nearest known one, and the server starts', async () => {
  const env = {
    OSHI_PORT: '0',
    OSHI_DATA_DIR: join(dir, 'typo'),
    OSHI_PROT: '1',
    OSHI_DATADIR: 'x',
  };
  const server = await startOshi(env);
  const { stderr, code } = await server.stop();
  expect(stderr.split('\n').sort()).toEqual([
    '',
    expect.stringMatching(/OSHI_DATADIR .*OSHI_DATA_DIR$/),
    expect.stringMatching(/OSHI_PROT .*OSHI_PORT$/),
  ]);
  expect(code).toBe(0);
});

test('oshi help and oshi replay --help say what there is', async () => {
  const help = await runOshi(['help']);
  expect(help.code).toBe(0);
  for (const part of ['start', 'replay', 'OSHI_PORT', 'Exit codes']) {
    expect(help.stdout).toContain(part);
  }
  const { code, stdout } = await runOshi(['replay', '--help']);
  expect(code).toBe(0);
  for (const part of ['--circle', '--stream', '--user', '--kind', 'NDJSON']) {
    expect(stdout).toContain(part);
  }
});

test('a command line that is not understood: exit code 2, as the help says', async () => {
  for (const words of [['dance'], ['replay', '--kind', 'x']]) {
    const { code, stderr, stdout } = await runOshi(words, { OSHI_DATA_DIR: join(dir, 'none') });
    expect([words, code, stdout]).toEqual([words, 2, '']);
    expect(stderr).toMatch(/^error: [^\n]+\n/);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  }
});

test('the value of an unknown option is not repeated: it may be a password', async () => {
  const { code, stderr } = await runOshi(['start', '--nats-urll=nats://oshi:s3cret@nats']);
  expect(stderr).toMatch(/^error: unknown option '--nats-urll'\n/);
  expect([code, stderr.includes('s3cret')]).toEqual([2, false]);
});

test.each([
  [['verfy'], 'verify'],
  [['help', 'verfy'], 'verify'],
  [['projections', 'stp', 'x'], 'stop'],
  [['chat', 'raed'], 'read'],
])('%j: the command that was perhaps meant is named', async (words, meant) => {
  const { code, stderr } = await runOshi(words);
  expect(stderr).toMatch(/^error: unknown command '\w+'\n/);
  expect(stderr).toContain(`(Did you mean ${meant}?)`);
  expect(code).toBe(2);
});

test('a kind of event that does not exist is refused in the same words everywhere', async () => {
  const [replay, audit] = [
    await runOshi(['replay', '--kind', 'message-post']),
    await runOshi(['audit', '--kind', 'message-post']),
  ];
  expect(replay?.stderr).toMatch(
    /'--kind <kind>' .*unknown kind of event; did you mean message-posted\?/,
  );
  expect(audit).toEqual(replay);
});

test('the build leaves a program that can be run', async () => {
  const { mode } = await stat(join(import.meta.dirname, '../../dist/cli/oshi.js'));
  expect(mode & 0o777).toBe(0o755);
});

test('replay where there is no data says so, and makes none', async () => {
  const OSHI_DATA_DIR = join(dir, 'nowhere');
  expectLine(await runOshi(['replay'], { OSHI_DATA_DIR }), /nowhere/, /OSHI_DATA_DIR/);
  await expect(stat(OSHI_DATA_DIR)).rejects.toThrow('ENOENT');
});

testOnOwnStages()('it says where it listens, and on what', async ({ stage, url }) => {
  const server = await stage.server();
  expect(server.stdout()).toMatch(
    stage.engine === 'embedded'
      ? /^Oshi listens on \S+ \(embedded engine, data in .+\)$/m
      : /^Oshi listens on \S+ \(cluster engine, data on the servers\)$/m,
  );
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(server.stderr()).toBe('');
});

test('settings come from a file, and options precede them, wherever --config stands', async () => {
  const file = join(dir, 'oshi.env');
  const data = join(dir, 'from-a-file');
  await writeFile(file, `# settings\nOSHI_PORT=1\nOSHI_DATA_DIR="${data}"\n`);
  const server = await startOshi({}, ['--config', file, '--port', '0']);
  await register(server.url);
  await server.stop();
  const { code, stdout } = await runOshi(['--config', file, 'rows', 'users'], {});
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^_id\s+username.*\n\S+\s+ann-/)]);
  expectLine(
    await runOshi(['start', '--config', join(dir, 'none')], {}),
    /--config: .*none cannot/,
  );
  await writeFile(file, 'OSHI_PORT=1\nOSHI_HOST\n');
  expectLine(await runOshi(['rows', 'users', '--config', file]), /--config: line 2 of .*oshi\.env/);
});

test('a file for a secret that an option gives is not read', async () => {
  const nowhere = join(dir, 'nowhere');
  const env = {
    ...{ OSHI_PORT: '0', OSHI_DATA_DIR: join(dir, 'given') },
    OSHI_METRICS_TOKEN_FILE: nowhere,
  };
  const server = await startOshi(env, ['--metrics-token', 'a-token-for-prometheus']);
  await server.stop();
  expectLine(await start(env), /OSHI_METRICS_TOKEN_FILE: .*nowhere cannot be read/);
});
