import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { tcpProxy } from '../support/doubles/tcp-proxy.ts';
import { makeCircle, messagesOf, post, register } from '../support/fixtures/server-people.ts';
import { spawnOshi } from '../support/fixtures/server-process.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';
import {
  chatLines,
  expectLine,
  registerAtShell,
  type ShellPerson,
  shellPassword,
  sitDown,
  tokenAt,
} from '../support/fixtures/shell-person.ts';

const it = testOnEngines();

/** What a person reads of a stream in the form for programs. */
const textsOf = async (person: ShellPerson, ...words: string[]) =>
  (await person.ask('read', ...words)).map(({ username, text: said }) => [username, said]);

it('from nothing to a conversation of three, by invite, by link and by id', async ({ url }) => {
  const [ada, ben, cem] = await Promise.all([
    registerAtShell(url, 'ada'),
    registerAtShell(url, 'ben'),
    registerAtShell(url, 'cem'),
  ]);
  expect((await ada.run(['whoami'])).stdout).toBe(`${ada.username} at ${url}\n`);
  const [tea] = await ada.ask('create', 'Tea');
  const [open] = await ada.ask('create', 'Coffee', '--public', '--about', 'black');
  expect([tea?.visibility, open?.visibility]).toEqual(['private', 'public']);
  await ada.ask('create', 'builds', '--in', 'tea');
  expect((await ada.run(['circles'])).stdout).toBe(
    `name    kind     id\nTea     private  ${tea?.id}\nCoffee  public   ${open?.id}\n`,
  );
  expect((await ada.ask('streams', 'Tea')).map(({ name }) => name)).toEqual(['general', 'builds']);

  const [once_] = await ada.ask('invite', 'Tea', '--uses', '1');
  await ben.ask('join', once_?.link ?? '');
  expectLine(await cem.run(['join', once_?.code ?? '']), /neither a valid invite/);
  const [more] = await ada.ask('invite', 'Tea');
  await cem.ask('join', more?.code ?? '');
  await cem.ask('join', open?.id ?? '');
  expect((await cem.ask('circles')).map(({ name }) => name)).toEqual(['Tea', 'Coffee']);
  expect((await ben.ask('circles', '--public')).some(({ id }) => id === open?.id)).toBe(true);

  const [first] = await ada.ask('write', 'Tea', 'Is', 'anybody', 'here?');
  expect(first).toMatchObject({ m: 1, s: `${tea?.id}/${tea?.id}` });
  expect((await ben.run(['write', 'Tea'], 'I am.\nYou?\n')).stdout).toBe(
    'message 2 in Tea/general\n',
  );
  await ben.run(['write', 'Tea/builds', '--lines'], 'one\n\ntwo\r\nthree');
  const all = [
    [ada.username, 'Is anybody here?'],
    [ben.username, 'I am.\nYou?'],
  ];
  expect(await textsOf(cem, 'Tea')).toEqual(all);
  expect(await textsOf(cem, 'Tea', '--limit', '1')).toEqual(all.slice(1));
  expect(await textsOf(cem, 'Tea', '--before', '2')).toEqual(all.slice(0, 1));
  expect((await textsOf(cem, 'Tea/builds')).map(([, said]) => said)).toEqual([
    'one',
    'two',
    'three',
  ]);
  const { stdout } = await cem.run(['read', 'Tea']);
  expect(stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '<time>')).toBe(
    `    1  <time>  ${ada.username}: Is anybody here?\n` +
      `    2  <time>  ${ben.username}: I am.\n       You?\n`,
  );
});

it('circles and streams are named by id, by name, or by how these begin', async ({ url }) => {
  const ada = await registerAtShell(url, 'ada');
  const made = async (name: string, ...words: string[]) =>
    (await ada.ask('create', name, ...words))[0]?.id ?? '';
  const [tea, team, slash] = [await made('Tea'), await made('Team room'), await made('A/B')];
  const builds = await made('ci/cd', '--in', 'A/B');
  const found = async (place: string) => (await ada.ask('write', place, 'x'))[0]?.s;
  for (const word of ['Tea', 'tEA', tea, tea.toUpperCase(), 'Tea/general', 'tea/GEN']) {
    expect([word, await found(word)]).toEqual([word, `${tea}/${tea}`]);
  }
  expect(await found('team')).toBe(`${team}/${team}`);
  expect(await found('A/B')).toBe(`${slash}/${slash}`);
  for (const word of ['A/B/ci/cd', 'a/ci', `${slash}/${builds}`, `a/b/${builds.slice(0, 35)}`]) {
    expect([word, await found(word)]).toEqual([word, `${slash}/${builds}`]);
  }
  const doubt = await ada.run(['write', 'te', 'x']);
  expectLine(doubt, /“te” is ambiguous: “Tea\/general” .*, or “Team room\/general” /);
  for (const word of ['nothing', '', 'Tea/nothing', '/', tea.slice(0, -1).replace(/.$/, 'z')]) {
    expectLine(await ada.run(['write', word, 'x']), /no circle or stream matches/);
  }
  const [ben] = await Promise.all([registerAtShell(url, 'ben')]);
  const headers = { authorization: `Bearer ${await tokenAt(ada)}` };
  const named = await fetch(`${url}/v1/users?username=${ben.username}`, { headers });
  const { user } = (await named.json()) as { user: { id: string } };
  await fetch(`${url}/v1/directs/${user.id}`, { method: 'PUT', headers });
  await ada.ask('write', `@${ben.username}`, 'psst');
  expect(await textsOf(ben, `@${ada.username}`)).toEqual([[ada.username, 'psst']]);
});

it(
  'read --follow prints what is written, edited and deleted, and goes on after a cut',
  async ({ url }) => {
    const [ada, ben] = [await registerAtShell(url, 'ada'), await register(url, 'ben')];
    const circle = await makeCircle(ben);
    await ada.ask('join', circle);
    const proxy = await tcpProxy(Number(new URL(url).port));
    const token = await tokenAt(ada);
    const env = { ...ada.env, OSHI_URL: `http://127.0.0.1:${proxy.port}`, OSHI_TOKEN: token };
    try {
      await post(ben, circle, { text: 'before' });
      const reading = spawnOshi(['chat', 'read', circle, '--follow', '--json'], env);
      await reading.said(/"text":"before"/);

      const { body } = await post(ben, circle, { text: 'one' });
      await reading.said(/"text":"one"/);
      const path = `${messagesOf(circle)}/${body.id}`;
      await ben.call(`PATCH ${path}`, { text: 'two' });
      await reading.said(/"text":"two"/);
      await ben.call(`DELETE ${path}`);
      await reading.said(/"deleted":true/);

      // Deaf, not cut off: each attempt to come back would make it wait longer for the next.
      proxy.swallowReplies();
      // More than comes as events, and more than a page.
      const away = Array.from({ length: 1_100 }, (_, index) => `away ${index}`);
      for (let at = 0; at < away.length; at += 100) {
        await Promise.all(
          away.slice(at, at + 100).map((said) => post(ben, circle, { text: said })),
        );
      }
      proxy.cut();
      await reading.said(/connection lost; reconnecting/);
      const count = away.length + 2;
      await until(
        () => chatLines(reading.stdout()).filter(({ m }) => m === count).length > 0,
        () => `message ${count}: ${reading.stderr()}`,
      );
      const { code, stdout } = await reading.stop('SIGINT');
      expect(code).toBe(0);
      const lines = chatLines(stdout);
      const posted = lines.filter(({ editedAt, deleted }) => !(editedAt || deleted));
      expect(posted.map(({ m }) => m)).toEqual(
        Array.from({ length: count }, (_, index) => index + 1),
      );
      expect(new Set(posted.slice(2).map(({ text: said }) => said))).toEqual(new Set(away));
      expect(lines.filter(({ m }) => m === 2).map(({ text: said }) => said)).toEqual([
        ...['one', 'two', undefined],
      ]);
    } finally {
      await proxy.close();
    }
  },
  { timeout: 120_000 },
);

it('read --follow ends with a line when it may read no longer', async ({ url }) => {
  const [ada, ben] = [await registerAtShell(url, 'ada'), await register(url, 'ben')];
  const circle = await makeCircle(ben);
  await ada.ask('join', circle);
  const reading = ada.start('read', circle, '--follow');
  await post(ben, circle, { text: 'hello' });
  await reading.said(/hello/);
  const { body } = await ben.call(`GET /v1/users?username=${ada.username}`);
  await ben.call(`DELETE /v1/circles/${circle}/members/${body.user?.id}`);
  const { code, stderr } = await reading.ended;
  expect([code, stderr]).toEqual([1, 'oshi: you are not a member of this circle any more\n']);
});

it('the commands of the README do what it says', async ({ url }) => {
  const readme = await readFile(resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const block = /## Use it from a shell[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const address = 'http://127.0.0.1:8080';
  const commands = block
    .replace(address, url)
    .trim()
    .split('\n')
    .map((line) => line.replace(/^npx oshi chat /, '').match(/'[^']*'|\S+/g) ?? [])
    .map((words) => words.map((word) => word.replaceAll("'", '')));
  const [login = [], create = [], write = [], read = []] = commands;
  expect([block.includes(address), commands.length]).toEqual([true, 4]);
  const person = await sitDown(`ada-${Math.random().toString(36).slice(2, 12)}`);
  expect((await person.run(login, `${person.username}\n${shellPassword}\n`)).code).toBe(0);
  for (const words of [create, write]) expect((await person.run(words)).code).toBe(0);
  const reading = person.start(...read);
  await reading.said(/: Is anybody here\?$/m);
  expect((await reading.stop('SIGINT')).code).toBe(0);
});
