import { readdir, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { connect } from '../../src/client/client.ts';
import { type StreamState, streamAfter, streamState } from '../../src/client/stream-state.ts';
import { until } from '../support/checkers/waiting.ts';
import { backupPlace, eventsIn } from '../support/fixtures/backups.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { answersOf } from '../support/fixtures/data-folder/answers.ts';
import {
  expectedOf,
  goldenFolders,
  unpack,
} from '../support/fixtures/data-folder/golden-folder.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  password,
  post,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type EngineName, openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

const freshStage = async (engine: EngineName) => {
  const stage = await openStage(engine);
  onTestFinished(() => stage.close());
  return stage;
};

const verified = async (env: Readonly<Record<string, string>>): Promise<void> => {
  const { code, stdout } = await runCommand(['verify'], env);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/checkpoints compared: 1/)]);
};

testWithServers('a backup is restored from either engine to either', async () => {
  const [name = ''] = await goldenFolders();
  const { scenario, answers } = await expectedOf(name);
  const place = await backupPlace();
  const original = await freshStage('embedded');
  await unpack(name, original.dir);
  const events = await eventsIn(original.env);

  const { commits } = await place.backUp(original.env);
  expect(await place.backUp(original.env)).toMatchObject({ commits: 0 });
  const servers = await freshStage('cluster');
  const report = await place.restore(servers.env);
  expect(report).toMatchObject({ commits, events: events.length });
  await verified(servers.env);
  expect(await eventsIn(servers.env)).toEqual(events);
  expect(await answersOf((await servers.server()).url, scenario)).toMatchObject(answers);

  await place.backUp(servers.env, 'second');
  const again = await freshStage('embedded');
  await place.restore(again.env, { name: 'second' });
  await verified(again.env);
  expect(await eventsIn(again.env)).toEqual(expect.arrayContaining(events));
  expect(await answersOf((await again.server()).url, scenario)).toMatchObject(answers);
});

test('connected clients start over when the log they followed was restored', async () => {
  const place = await backupPlace();
  const stage = await freshStage('embedded');
  const { url } = await stage.server();
  const ann = await register(url);
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'kept' });
  await place.backUp(stage.env);
  await post(ann, circle, { text: 'lost' });

  let state: StreamState | undefined;
  const client = connect({ url, token: ann.token, WebSocket });
  onTestFinished(() => client.close());
  client.subscribe(
    `${circle}/${circle}`,
    {},
    {
      reset(reset) {
        state = streamState(reset, ann.id);
      },
      event(event) {
        state &&= streamAfter(state, event);
      },
    },
  );
  const texts = (): string => state?.messages.map(({ text }) => text).join() ?? '';
  await until(() => texts() === 'kept,lost', texts);

  await (await stage.server()).kill();
  const OSHI_DATA_DIR = place.at('restored');
  await place.restore({ OSHI_DATA_DIR });
  await stage.restart({ OSHI_DATA_DIR });
  await until(() => texts() === 'kept', texts);
  expect((await post(ann, circle, { text: 'new' })).status).toBe(201);
  await until(() => texts() === 'kept,new', texts);
});

test('a point in time is restored, with the read markers and passwords of then', async () => {
  const place = await backupPlace();
  const stage = await freshStage('embedded');
  const { url } = await stage.server();
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  for (const text of ['1', '2', '3']) await post(ann, circle, { text });
  const path = messagesOf(circle).replace(/\/messages$/, '');
  expect((await ben.call(`PUT ${path}/read`, { m: 2 })).status).toBe(200);
  const { messages: [last] = [] } = (await ann.call(`GET ${messagesOf(circle)}?limit=1`)).body;
  const moment = new Date((last?.at ?? 0) + 1).toISOString();
  await until(() => Date.now() > (last?.at ?? 0) + 5);
  await post(ann, circle, { text: 'later' });
  await ben.call(`PUT ${path}/read`, { m: 4 });
  await place.backUp(stage.env);
  await (await stage.server()).stop();

  const OSHI_DATA_DIR = place.at('restored');
  await place.restore({ OSHI_DATA_DIR }, { words: ['--until', moment] });
  await stage.restart({ OSHI_DATA_DIR });
  const found = await ann.call(`GET ${messagesOf(circle)}`);
  expect(found.body.messages?.map(({ text }) => text)).toEqual(['1', '2', '3']);
  const unread = JSON.parse((await ben.call('GET /v1/unread')).text);
  expect(unread.streams ?? []).toEqual([]);
  const body = { username: ben.username, password };
  expect((await call(url, 'POST /v1/sessions', { body })).status).toBe(201);
});

test('a passphrase encrypts the vault as well', async () => {
  const place = await backupPlace();
  const stage = await freshStage('embedded');
  const { url } = await stage.server();
  const { username } = await register(url);
  const [right, wrong] = [place.at('right'), place.at('wrong')];
  await writeFile(right, 'five random words or more\n');
  await writeFile(wrong, 'another one\n');
  const backup = ['backup', place.at('backup'), '--passphrase-file'];
  expect(await runCommand([...backup, right], stage.env)).toMatchObject({ code: 0, stderr: '' });
  await (await stage.server()).stop();

  const env = { OSHI_DATA_DIR: place.at('restored') };
  const words = ['restore', place.at('backup')];
  const { code, stderr } = await runCommand([...words, '--passphrase-file', wrong], env);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/vault-\d+\.age cannot be decrypted/)]);
  expect(await runCommand(words, env)).toMatchObject({ code: 1, stdout: '' });
  expect(await readdir(place.dir)).not.toContain('restored');
  const restored = await runCommand([...words, '--passphrase-file', right], env);
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  await stage.restart(env);
  expect((await call(url, 'POST /v1/sessions', { body: { username, password } })).status).toBe(201);
});

test('a folder that is in use or holds data is not restored to', async () => {
  const place = await backupPlace();
  const stage = await freshStage('embedded');
  await register((await stage.server()).url);
  await place.backUp(stage.env);
  const inUse = await place.tryRestore(stage.env);
  expect([inUse.code, inUse.stderr]).toEqual([1, expect.stringContaining('is in use by')]);
  const target = { OSHI_DATA_DIR: place.at('target') };
  await place.restore(target);
  const full = await place.tryRestore(target);
  expect([full.code, full.stderr]).toEqual([1, expect.stringMatching(/holds data already/)]);
  await verified(target);
  const other = await runCommand(['backup', place.at('backup'), ...place.recipient], target);
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringMatching(/holds a backup of another log \(\S+\) than this one/),
  ]);
});

testWithServers('servers with another log are not restored to', async () => {
  const place = await backupPlace();
  const stage = await freshStage('embedded');
  await register((await stage.server()).url);
  await place.backUp(stage.env);
  const servers = await freshStage('cluster');
  const running = await servers.server();
  const ann = await register(running.url);
  const inUse = await place.tryRestore(servers.env);
  expect([inUse.code, inUse.stderr]).toEqual([1, expect.stringMatching(/ already[: ]/)]);
  expect((await ann.call('GET /v1/me')).status).toBe(200);
  await running.stop();
  const full = await place.tryRestore(servers.env);
  expect([full.code, full.stderr]).toEqual([
    1,
    expect.stringMatching(/holds an event log already/),
  ]);
  await servers.restart();
  expect((await ann.call('GET /v1/me')).status).toBe(200);
});
