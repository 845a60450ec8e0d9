import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { merged } from '../../../src/cli/settings.ts';
import { ConfigError, configOf, secretVariables, unknownVariables } from '../../../src/config.ts';

const fileWith = async (text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'oshi-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'oshi.env');
  await writeFile(path, text);
  return path;
};

test('the environment comes before a file; empty variables count as none', async () => {
  const file = await fileWith(
    '# a comment\nOSHI_PORT=1\nOSHI_HOST="::1"\nOSHI_LOG_LEVEL=info\nOSHI_DATA_DIR=from the file\n',
  );
  const environment = { OSHI_PORT: '2', OSHI_HOST: '::2', OSHI_LOG_LEVEL: '' };
  expect(merged(environment, file)).toMatchObject({
    OSHI_PORT: '2',
    OSHI_HOST: '::2',
    OSHI_LOG_LEVEL: 'info',
    OSHI_DATA_DIR: 'from the file',
  });
});

test('secrets are read from the files that variables name, unless they are set', async () => {
  const path = await fileWith('  mongodb://secret@mongo:27017/oshi\n');
  const settings = merged({ OSHI_MONGODB_URL_FILE: path, OSHI_NATS_URL: 'nats://a' });
  expect(configOf(settings).cluster?.mongodbUrl).toBe('mongodb://secret@mongo:27017/oshi');
  const set = merged({ OSHI_MONGODB_URL: 'mongodb://b', OSHI_MONGODB_URL_FILE: path });
  expect(set.OSHI_MONGODB_URL).toBe('mongodb://b');
  const named = secretVariables.map((name) => [`${name}_FILE`, path]);
  expect(unknownVariables(Object.fromEntries(named))).toEqual([]);
});

test('a file that cannot be read, or holds no secret, is named with the setting', async () => {
  expect(() => merged({}, '/nowhere/oshi.env')).toThrow(
    new ConfigError('--config: /nowhere/oshi.env cannot be read (ENOENT)'),
  );
  const empty = await fileWith('\n');
  expect(() => merged({ OSHI_METRICS_TOKEN_FILE: empty })).toThrow(
    new ConfigError(`OSHI_METRICS_TOKEN_FILE: ${empty} is empty`),
  );
  expect(() => merged({ OSHI_METRICS_TOKEN_FILE: '/nowhere/token' })).toThrow(
    new ConfigError('OSHI_METRICS_TOKEN_FILE: /nowhere/token cannot be read (ENOENT)'),
  );
});

test('a secret that is given needs no file', () => {
  const settings = { OSHI_NATS_URL: 'nats://a', OSHI_NATS_URL_FILE: '/nowhere/url' };
  expect(merged(settings)).toEqual(settings);
});

test.for([
  ['OSHI_PORT', 1],
  ['# a comment\n\n \nOSHI_PORT=1\nOSHI_HOST\n', 5],
  ['OSHI_NAME="one\ntwo"\r\nOSHI_PORT: 80\n', 3],
  ['OSHI PORT=80', 1],
  ['=80', 1],
] as const)(
  'a line of a file that is no setting is an error with its number: %j',
  async ([text, line]) => {
    const path = await fileWith(text);
    expect(() => merged({}, path)).toThrow(
      new ConfigError(
        `--config: line ${line} of ${path} is not a setting; write NAME=value, or begin a comment with #`,
      ),
    );
  },
);

test('values may be quoted, empty, exported, and have several lines', async () => {
  const path = await fileWith(
    'export OSHI_HOST = \'::1\' # here\n  OSHI_NAME="Garden\nClub"\nOSHI_PORT=\n#x\nOSHI_TOKEN=a=b',
  );
  expect(merged({}, path)).toEqual({
    OSHI_HOST: '::1',
    OSHI_NAME: 'Garden\nClub',
    OSHI_PORT: '',
    OSHI_TOKEN: 'a=b',
  });
});
