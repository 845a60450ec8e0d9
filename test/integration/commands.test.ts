import { expect, test } from 'vitest';
import { runCommand } from '../support/fixtures/commands.ts';
import { runOshi } from '../support/fixtures/server-process.ts';

test('a command in a process that runs many ends as in one of its own', async () => {
  const env = { HOME: '/nowhere', OSHI_DATA_DIR: '/nowhere' };
  const password = 'correct horse battery\n';
  for (const words of [
    ['help'],
    ['config', 'check', '--json'],
    ['chat', 'whoami'],
    ['chat', 'login', 'http://127.0.0.1:1'],
    ['rows', 'users', '--nothing'],
    ['stats'],
  ]) {
    const alone = await runOshi(words, env, password);
    for (let round = 0; round < 2; round++) {
      expect([words, await runCommand(words, env, password)]).toEqual([words, alone]);
    }
  }
});

test('nothing of a command is left to the next one', async () => {
  const first = await runCommand(['chat', 'whoami'], { OSHI_TOKEN: 'x', HOME: '/nowhere' });
  expect(first).toMatchObject({ code: 1, stderr: expect.stringMatching(/OSHI_URL is not/) });
  const second = await runCommand(['chat', 'whoami'], { HOME: '/nowhere' });
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/you are not logged in/) });
  expect(await runCommand(['help'])).toMatchObject({ code: 0, stderr: '' });
});
