import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Check } from '../../src/engine/check.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { register } from '../support/fixtures/server-people.ts';
import { type Environment, startOshi } from '../support/fixtures/server-process.ts';
import { testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { mongodbUrl, startOwnNats, testWithServers } from '../support/fixtures/servers.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-config-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

type Checked = {
  readonly code: number | null;
  readonly status: string;
  /** The checks of each name. */
  readonly of: (name: string) => readonly Check[];
};

const check = async (env: Environment, words: readonly string[] = []): Promise<Checked> => {
  const { code, stdout, stderr } = await runCommand(['config', 'check', '--json', ...words], env);
  expect(stderr).toBe('');
  const { status, checks } = JSON.parse(stdout) as { status: string; checks: Check[] };
  for (const each of checks) expect(JSON.stringify(Object.values(each))).not.toContain('\\n');
  return { code, status, of: (name) => checks.filter((each) => each.name === name) };
};

testOnOwnStages()('a running server is checked beside it', async ({ stage, url }) => {
  const { code, status, of } = await check(stage.env);
  expect([code, status]).toEqual([0, 'warning']);
  expect(of('rate limits')).toMatchObject([{ status: 'warning' }]);
  const expected = {
    embedded: ['data folder', 'data', 'permissions', 'free space'],
    cluster: ['NATS', 'NATS login', 'NATS TLS', 'NATS clock', 'MongoDB', 'MongoDB clock'],
  }[stage.engine];
  for (const name of expected) expect(of(name)).toMatchObject([{ status: 'ok' }]);
  if (stage.engine === 'cluster') {
    expect(of('NATS durability')).toMatchObject([
      { status: 'warning', remedy: expect.stringContaining('sync_interval: always') },
    ]);
    for (const server of ['NATS', 'MongoDB']) {
      const found = expect.stringMatching(/^this machine is \d+\.\d s (ahead|behind)$/);
      expect(of(`${server} clock`)).toMatchObject([{ found }]);
    }
  }
  await register(url);
});

/** What a folder holds, with modes and times. */
const stateOf = async (path: string): Promise<string[]> => {
  const names = await readdir(path, { recursive: true });
  const stats = await Promise.all(names.map((name) => stat(join(path, name))));
  return stats
    .map(({ mode, mtimeMs, size }, at) => `${names[at]} ${mode} ${mtimeMs} ${size}`)
    .sort();
};

test('a data folder is checked and not changed', async () => {
  const OSHI_DATA_DIR = join(dir, 'data');
  expect((await check({ OSHI_DATA_DIR })).of('data folder')).toMatchObject([
    { status: 'ok', found: expect.stringContaining('does not exist yet') },
  ]);
  await expect(stat(OSHI_DATA_DIR)).rejects.toThrow('ENOENT');
  await (await startOshi({ OSHI_PORT: '0', OSHI_DATA_DIR })).stop();
  expect(await check({ OSHI_DATA_DIR })).toMatchObject({ code: 0, status: 'ok' });
  await chmod(join(OSHI_DATA_DIR, 'log.mdb'), 0o644);
  const before = await stateOf(OSHI_DATA_DIR);
  const { code, of } = await check({ OSHI_DATA_DIR });
  expect(of('permissions')).toMatchObject([
    { status: 'warning', found: expect.stringMatching(/log\.mdb$/) },
  ]);
  expect([code, await stateOf(OSHI_DATA_DIR)]).toEqual([0, before]);
  await rm(join(OSHI_DATA_DIR, 'log.mdb'));
  const lost = await check({ OSHI_DATA_DIR });
  expect([lost.code, lost.status]).toEqual([1, 'error']);
  expect(lost.of('data')).toMatchObject([{ found: expect.stringContaining('no log.mdb') }]);
});

test('a folder that cannot be one, and a module that cannot be loaded, are errors', async () => {
  const file = join(dir, 'file');
  await writeFile(file, '');
  const { code, of } = await check({ OSHI_DATA_DIR: join(file, 'data'), OSHI_PROJECTIONS: file });
  expect(code).toBe(1);
  for (const name of ['data folder', 'projection']) {
    expect(of(name)).toMatchObject([{ status: 'error', found: expect.stringContaining(file) }]);
  }
});

test('settings come from --config and files, and the table is aligned', async () => {
  const config = join(dir, 'oshi.env');
  const token = join(dir, 'token');
  await writeFile(token, 'short');
  await writeFile(config, `OSHI_PORT=x\nOSHI_PROT=1\nOSHI_METRICS_TOKEN_FILE=${token}\n`);
  const { code, stdout } = await runCommand(['config', 'check', '--config', config], {});
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^error {4}settings {2}OSHI_PORT is "x"/),
    expect.stringMatching(/^error {4}settings {2}OSHI_METRICS_TOKEN cannot be used/),
    expect.stringMatching(/^warning {2}settings {2}OSHI_PROT is not known/),
  ]);
  expect(code).toBe(1);
});

testWithServers(
  'a refused login is an error without the password; both servers are checked',
  async () => {
    const nats = await startOwnNats({
      extraConfig: 'authorization { user: oshi, password: "right" }',
    });
    const env = {
      OSHI_NATS_URL: `nats://oshi:s3cret@127.0.0.1:${nats.port}`,
      OSHI_MONGODB_URL: mongodbUrl().replace('//', '//oshi:s3cret@'),
    };
    const { code, stdout } = await runCommand(['config', 'check'], env);
    const right = await check({
      ...env,
      OSHI_NATS_URL: env.OSHI_NATS_URL.replace('s3cret', 'right'),
    });
    await nats.stop();
    expect(stdout).toMatch(/^error +NATS +.* refuses the credentials/m);
    expect(stdout).toMatch(/^error +MongoDB +.* refuses the login/m);
    expect([code, stdout.includes('s3cret')]).toEqual([1, false]);
    expect(right.of('NATS login')).toMatchObject([{ found: 'user and password' }]);
  },
);
