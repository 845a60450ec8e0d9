import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../tools/servers/place.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { makeCircle, post, register } from '../support/fixtures/server-people.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';
import {
  chatLines,
  expectLine,
  registerAtShell,
  shellPassword,
  sitDown,
  tokenAt,
} from '../support/fixtures/shell-person.ts';

const it = testOnEngines();
const root = resolve(import.meta.dirname, '../..');

it('the token is kept for its owner alone, and forgotten after a log-out', async ({ url }) => {
  const ada = await registerAtShell(url, 'ada');
  const file = join(ada.home, 'oshi/chat.json');
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  expect([await modeOf(file), await modeOf(join(ada.home, 'oshi'))]).toEqual([0o600, 0o700]);
  const token = await tokenAt(ada);

  // A file that others can read is replaced, not written to.
  await chmod(file, 0o644);
  const again = ['login', url, '--username', ada.username];
  const { stdout, code } = await ada.run(again, `${shellPassword}\n`);
  expect([code, stdout]).toEqual([0, expect.stringContaining(file)]);
  expect(await modeOf(file)).toBe(0o600);
  expect(stdout).not.toContain(token);

  const env = { ...ada.env, OSHI_URL: `${url}/`, OSHI_TOKEN: token };
  const other = { ...env, XDG_CONFIG_HOME: join(ada.home, 'other') };
  expect((await runCommand(['chat', 'whoami'], other)).stdout).toContain(ada.username);
  const { OSHI_URL: _, ...half } = env;
  const headers = { authorization: `Bearer ${token}` };
  const sessions = await (await fetch(`${url}/v1/sessions`, { headers })).text();
  expect(sessions).toContain('"userAgent":"oshi chat"');
  expectLine(await runCommand(['chat', 'whoami'], half), /OSHI_TOKEN is set and OSHI_URL is not/);

  expect((await runCommand(['chat', 'logout'], env)).code).toBe(0);
  expectLine(
    await runCommand(['chat', 'circles'], env),
    /your session at .* has ended; log in again/,
  );
  expect((await ada.run(['logout'])).code).toBe(0);
  expect(existsSync(file)).toBe(false);
  expectLine(await ada.run(['circles']), /you are not logged in; .*oshi chat login/);
});

it('nothing that others write reaches the terminal raw', async ({ url }) => {
  const [ada, eve] = [await registerAtShell(url, 'ada'), await register(url, 'eve')];
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202etxt\r\u2028\u007f\b';
  const circle = await makeCircle(eve);
  const text = `${evil}\n    9  2026-01-01 00:00  ${ada.username}: I agree`;
  expect((await post(eve, circle, { text })).status).toBe(201);
  await ada.ask('join', circle);
  const outputs = [
    await ada.run(['read', circle]),
    await ada.run(['read', circle, '--json']),
    await ada.run(['write', `${evil}`, 'x']),
    await ada.run(['join', evil]),
    await ada.run([evil]),
    await ada.run(['login', evil]),
  ];
  for (const { stdout, stderr } of outputs) {
    expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)[\p{Cc}\u2028\u202e]/u);
  }
  const [shown, json] = outputs;
  expect(chatLines(json?.stdout ?? '')[0]?.text).toBe(text);
  expect(shown?.stdout).toContain('\\u001b]0;owned');
  expect(shown?.stdout.split('\n').filter((line) => /^ {4}\d /.test(line))).toHaveLength(1);
});

it('what goes wrong is said in one line with what to do', async ({ url }) => {
  const ada = await registerAtShell(url, 'ada');
  const wrong = ['login', url, '--username', ada.username];
  expectLine(await ada.run(wrong, 'not it at all\n'), /username or the password is wrong/);
  expectLine(
    await ada.run(['login', '--register', url], `${ada.username}\n${shellPassword}\n`),
    /username is taken/,
  );
  expectLine(await ada.run(['login', url], 'only-a-name\n'), /standard input must contain/);
  for (const address of ['chat.example.org', 'ftp://x', 'http://', 'http://a:b@127.0.0.1', '']) {
    expectLine(
      await ada.run(['login', address], 'a\nb\n'),
      /is not the address of a server; expected for example/,
    );
  }
  await ada.ask('create', 'Tea');
  expectLine(await ada.run(['write', 'Tea'], '\n'), /nothing to post/);
  expectLine(await ada.run(['write', 'Tea', 'x'.repeat(5_000)]), /4,?000/);
  expectLine(await ada.run(['create', 'x']), /name/);
  expectLine(await ada.run(['read', 'Tea', '--limit', '0']), /must be a number/, 2);
  expectLine(await ada.run(['read', 'Tea', '--follow', '--after', '1']), /cannot be combined/, 2);
  expectLine(await ada.run(['raed', 'Tea']), /unknown command 'raed'\n\(Did you mean read\?\)/, 2);
  expect(await ada.run([])).toMatchObject({ code: 0, stderr: '' });
});

test('a server that is not there, or that is no Oshi', async () => {
  const someone = await sitDown('nobody');
  const site = createServer((_, response) => response.end('<!doctype html>'));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  onTestFinished(() => void site.close());
  const elsewhere = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const asked = [['circles'], ['read', 'Tea', '--follow'], ['write', 'Tea', 'x']];
  for (const [OSHI_URL, line] of [
    [elsewhere, /does not respond like an Oshi server \(status 200\); check the address/],
    [nowhere, /does not respond; check the address, and that the server is running/],
  ] as const) {
    expectLine(await someone.run(['login', OSHI_URL], 'a\nb\n'), line);
    for (const words of asked) {
      const env = { ...someone.env, OSHI_URL, OSHI_TOKEN: 'x' };
      expectLine(await runCommand(['chat', ...words], env), line);
    }
  }
  await writeFile(join(someone.home, 'oshi'), '');
  expectLine(await someone.run(['circles']), /chat\.json/);
});

const scriptProgram = '/usr/bin/script';

/** Types into a program that believes it has a terminal, as soon as it asks; all that the terminal showed. */
const typed = async (
  words: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
) => {
  const { env } = await sitDown('nobody');
  const line = [execPath, 'dist/cli/oshi.js', 'chat', ...words].join(' ');
  const child = spawn(scriptProgram, ['-qec', line, '/dev/null'], {
    cwd: root,
    env: { ...env, PATH: '/usr/bin:/bin', TERM: 'xterm' },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    shown += more;
  });
  let from = 0;
  for (const [question, answer] of answers) {
    await until(
      () => shown.indexOf(question, from) >= 0,
      () => `${question}: ${shown}`,
    );
    from = shown.indexOf(question, from) + question.length;
    child.stdin.write(`${answer}\r`);
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, shown };
};

test.runIf(existsSync(scriptProgram))(
  'a terminal asks for the password, and does not show it',
  async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    const asked = await typed(
      ['login', '--register', address],
      [
        ['Username: ', 'ada'],
        ['Password: ', 'hidden horse'],
        ['Repeat password: ', 'hidden horse'],
      ],
    );
    expect([asked.code, asked.shown]).toEqual([1, expect.stringContaining('does not respond')]);
    expect(asked.shown).not.toContain('horse');
    const other = await typed(
      ['login', '--register', '--username', 'ada', address],
      [
        ['Password: ', 'hidden horse'],
        ['Repeat password: ', 'hidden house'],
      ],
    );
    expect([other.code, other.shown]).toEqual([1, expect.stringContaining('the passwords differ')]);
    const left = await typed(['login', address], [['Username: ', '\u0003']]);
    expect([left.code, left.shown]).toEqual([1, expect.stringContaining('nothing was changed')]);
  },
);
