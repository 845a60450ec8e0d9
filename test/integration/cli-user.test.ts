import { expect } from 'vitest';
import { runCommand } from '../support/fixtures/commands.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  password,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import type { Ending } from '../support/fixtures/server-process.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import {
  type EngineData,
  testOnEngines,
  testOnOwnStages,
} from '../support/fixtures/server-stage.ts';

const it = testOnEngines();
const itAlone = testOnOwnStages();

/** Each run of the program takes seconds where many tests share a machine. */
const manyRuns = { timeout: 240_000 };

const run = async ({ env }: EngineData, words: string, input = ''): Promise<Ending> => {
  const ending = await runCommand(words.split(' '), env, input);
  expect(ending.stderr).not.toMatch(/\bat .*:\d+:\d+/);
  return ending;
};

const printed = async (stage: EngineData, words: string, input = ''): Promise<string> => {
  const { code, stdout, stderr } = await run(stage, words, input);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

const refused = async (stage: EngineData, words: string, input = ''): Promise<string> => {
  const { code, stderr } = await run(stage, words, input);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^oshi: [^\n]+\n$/)]);
  return stderr;
};

/** What a command prints with `--json`, by line. */
const objects = async (stage: EngineData, words: string) =>
  (await printed(stage, `${words} --json`))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const logIn = (url: string, { username }: Person, secret = password) =>
  call(url, 'POST /v1/sessions', { body: { username, password: secret } });

it(
  'operators list and show accounts and circles, and count them',
  async ({ stage, url }) => {
    const ann = await register(url);
    const ben = await register(url);
    const circle = await makeCircle(ann, [ben]);
    await post(ann, circle, { text: 'one' });
    await post(ben, circle, { text: 'two' });

    const found = await objects(stage, `user list --search ${ann.username.toUpperCase()}`);
    expect(found).toEqual([
      expect.objectContaining({ id: ann.id, username: ann.username, sessions: 1 }),
    ]);
    expect(await printed(stage, `user list --search ${ann.username}`)).toContain(ann.id);
    const [shown] = await objects(stage, `user show ${ben.id}`);
    expect(shown).toMatchObject({
      username: ben.username,
      circles: [{ id: circle, owns: false }],
    });
    expect(await printed(stage, `user show ${ann.username}`)).toMatch(/owner/);
    const [session] = await objects(stage, `user sessions ${ann.username}`);
    expect(session).toMatchObject({ user: ann.id, createdAt: expect.any(Number) });
    expect(session).not.toHaveProperty('token');

    const listed = await objects(stage, 'circle list --search TEA');
    const facts = { id: circle, owner: ann.username, members: 2, messages: 2 };
    expect(listed).toContainEqual(expect.objectContaining(facts));
    const [whole] = await objects(stage, `circle show ${circle}`);
    expect(whole.members.map(({ username }: Person) => username)).toEqual([
      ann.username,
      ben.username,
    ]);
    expect(await printed(stage, `circle show ${circle}`)).toContain(ben.username);

    const [counts] = await objects(stage, 'stats');
    expect(counts.users).toBeGreaterThanOrEqual(2);
    expect(counts.messages).toBeGreaterThanOrEqual(2);
    expect(await printed(stage, 'stats')).toMatch(/active users/);

    expect(await refused(stage, 'user show nobody-there')).toContain('nobody-there');
    expect(await refused(stage, `circle show ${ann.id}`)).toContain(ann.id);
  },
  manyRuns,
);

it(
  'a suspended user is disconnected, cannot log in, and learns why after the right password alone',
  async ({ stage, url }) => {
    const ann = await register(url);
    const ben = await register(url);
    const circle = await makeCircle(ann, [ben]);
    await post(ann, circle, { text: 'stays' });
    const socket = await TestSocket.greet(url, ann);
    const { env } = stage;
    const words = [
      'user',
      'suspend',
      ann.username.toUpperCase(),
      '--reason',
      'spam\u001b[2J',
      '--json',
    ];
    const { code, stdout } = await runCommand(words, env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ user: ann.id, changed: true, ended: 1 });

    expect((await socket.closed).code).toBe(4401);
    expect((await ann.call('GET /v1/me')).status).toBe(401);
    const { status, body } = await logIn(url, ann);
    expect([status, body.code]).toEqual([403, 'suspended']);
    expect((await logIn(url, ann, 'not the password')).body.code).toBe('unauthenticated');
    const hello = await TestSocket.open(url);
    hello.send({ t: 'hello', id: 'h', v: 1, username: ann.username, password });
    expect((await hello.closed).code).toBe(4401);

    expect(await objects(stage, 'user list --suspended')).toEqual([
      expect.objectContaining({ id: ann.id, sessions: 0 }),
    ]);
    const text = await printed(stage, `user show ${ann.username}`);
    expect(text).toMatch(/suspended \S+Z: /);
    expect(text).not.toContain('\u001b[2J');
    expect(await printed(stage, `user suspend ${ann.id}`)).toMatch(/already/);
    const { messages } = (await ben.call(`GET ${messagesOf(circle)}`)).body;
    expect(messages?.map((message) => message.text)).toEqual(['stays']);

    expect(await printed(stage, `user resume ${ann.username}`)).toMatch(/can log in/);
    expect((await logIn(url, ann)).status).toBe(201);
  },
  manyRuns,
);

it(
  'an operator sets a password, which ends all sessions, and ends single ones',
  async ({ stage, url }) => {
    const ann = await register(url);
    const other = (await logIn(url, ann)).body;
    await printed(stage, `user sessions ${ann.username} --end ${other.session?.id}`);
    expect((await call(url, 'GET /v1/me', { token: other.token })).status).toBe(401);
    expect((await ann.call('GET /v1/me')).status).toBe(200);

    expect(await refused(stage, `user password ${ann.username}`, 'short\n')).toMatch(/characters/);
    expect((await ann.call('GET /v1/me')).status).toBe(200);
    await printed(stage, `user password ${ann.username}`, 'battery staple 2\n');
    expect((await ann.call('GET /v1/me')).status).toBe(401);
    expect((await logIn(url, ann)).status).toBe(401);
    expect((await logIn(url, ann, 'battery staple 2')).status).toBe(201);

    const [made] = await objects(stage, `user password ${ann.username} --generate`);
    expect(made).toMatchObject({ user: ann.id, ended: 1 });
    expect((await logIn(url, ann, made.password)).status).toBe(201);
    await printed(stage, `user sessions ${ann.username} --end all`);
    expect(await printed(stage, `user sessions ${ann.username}`)).toMatch(/no open sessions/);
  },
  manyRuns,
);

itAlone(
  'the same works while the server is stopped, and creates no data where there is none',
  async ({ stage, url }) => {
    const ann = await register(url);
    await (await stage.server()).stop();
    expect(await printed(stage, `user suspend ${ann.username}`)).toMatch(/1 session ended/);
    await printed(stage, `user password ${ann.username}`, 'battery staple 2\n');
    const { url: again } = await stage.restart();
    expect((await call(again, 'GET /v1/me', { token: ann.token })).status).toBe(401);
    expect((await logIn(again, ann, 'battery staple 2')).body.code).toBe('suspended');
    expect(await printed(stage, 'verify')).toMatch(/no problems found/);
    // A server that was killed leaves its socket behind.
    await (await stage.server()).kill();
    expect(await printed(stage, `user resume ${ann.username}`)).toMatch(/can log in/);

    const OSHI_DATA_DIR = `${stage.dir}/none`;
    const nowhere = await runCommand(['user', 'resume', 'ann'], { OSHI_DATA_DIR });
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringMatching(/no data in/)]);
  },
  manyRuns,
);
