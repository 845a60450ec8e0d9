import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { partitionsDefault } from '../../src/engine/cluster/jetstream-log/family.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
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
import { type Ending, type OshiServer, startOshi } from '../support/fixtures/server-process.ts';
import { openStage, type ServerStage } from '../support/fixtures/server-stage.ts';
import { startOwnNats, testWithServers } from '../support/fixtures/servers.ts';

/** A stage on which somebody has posted, its server stopped in order. */
const usedStage = async (engine: ServerStage['engine']) => {
  const stage = await openStage(engine);
  const server = await stage.server();
  const ann = await register(server.url);
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'kept' });
  await server.stop();
  return { stage, ann, circle, at: (name: string): string => join(stage.dir, name) };
};

/** The line with which a start ended. */
const refusal = async ({ env }: ServerStage): Promise<string> => {
  const { code, stdout, stderr }: Ending = await runCommand(['start'], env);
  expect({ code, stdout: stdout.includes('listens') }).toEqual({ code: 1, stdout: false });
  expect(stderr).toMatch(/^oshi: [^\n]+\n$/);
  expect(stderr).not.toMatch(/MDB_|\bat .*:\d+:\d+/);
  return stderr;
};

const started = async (stage: ServerStage): Promise<OshiServer> => stage.restart();

const logIn = async ({ url }: OshiServer, { username }: Person): Promise<number> =>
  (await call(url, 'POST /v1/sessions', { body: { username, password } })).status;

test('a log that is missing: what is there is named, and nothing is made or dropped', async () => {
  const { stage, at, ann } = await usedStage('embedded');
  await rename(at('log.mdb'), at('elsewhere'));
  const before = await readdir(stage.dir);
  expect(await refusal(stage)).toContain(
    `There is no log.mdb in ${stage.dir}, but vault.mdb, connections.mdb, checkpoints.ndjson, read-models/read-models.mdb of the log that was there. Restore log.mdb from the backup, or move the other files away to start with an empty log.`,
  );
  expect((await readdir(stage.dir)).toSorted()).toEqual(before.toSorted());
  await rename(at('elsewhere'), at('log.mdb'));
  expect(await logIn(await started(stage), ann)).toBe(201);
  await stage.close();
});

test('a vault that is missing: refused, until another one is asked for', async () => {
  const { stage, at, ann } = await usedStage('embedded');
  await rm(at('vault.mdb'));
  expect(await refusal(stage)).toContain(
    `There is no vault.mdb in ${stage.dir}, but the log holds events: nobody could log in with a password. Restore it from the backup, or run oshi start --new-vault once to go on without the passwords.`,
  );
  expect(await readdir(stage.dir)).not.toContain('vault.mdb');
  const other = await runCommand(['checkpoint'], stage.env);
  expect(other).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no signing key'),
  });
  const server = await startOshi(stage.env, ['--new-vault']);
  expect(await logIn(server, ann)).toBe(401);
  await server.stop();
  expect(await logIn(await started(stage), ann)).toBe(401);
  await stage.close();
});

test('files of two installations: whichever is of the other one is named', async () => {
  const { stage, at } = await usedStage('embedded');
  const { stage: other, at: elsewhere } = await usedStage('embedded');
  for (const [name, line] of [
    ['vault.mdb', /vault\.mdb belongs to another log \(\S+\) than this one/],
    ['checkpoints.ndjson', /checkpoints\.ndjson holds checkpoints of another log/],
    [
      'read-models',
      /The read models in .*\/read-models were built from another log.*move .*read-models away/,
    ],
  ] as const) {
    await rename(at(name), at('own'));
    await rename(elsewhere(name), at(name));
    expect(await refusal(stage)).toMatch(line);
    await rename(at(name), elsewhere(name));
    await rename(at('own'), at(name));
  }
  await (await started(stage)).stop();
  await rename(elsewhere('log.mdb'), at('log.mdb'));
  expect(await refusal(stage)).toMatch(/vault\.mdb belongs to another log/);
  await other.close();
  await stage.close();
});

test('read models that are missing are built anew, and that is said', async () => {
  const { stage, at, ann, circle } = await usedStage('embedded');
  await rm(at('read-models'), { recursive: true });
  const server = await started(stage);
  expect(server.stdout()).toMatch(
    /The read models in .* are missing: they are rebuilt from the log/,
  );
  const page = await call(server.url, `GET ${messagesOf(circle)}`, { token: ann.token });
  expect(page.text).toContain('kept');
  await stage.close();
});

test('what connections did may be missing or damaged: it is begun anew, one damaged file is kept', async () => {
  const { stage, at } = await usedStage('embedded');
  await rm(at('connections.mdb'));
  const server = await started(stage);
  expect(server.stdout()).not.toContain('connections.mdb');
  await server.stop();
  const whole = await readFile(at('connections.mdb'));
  for (const [bytes, why] of [
    [Buffer.alloc(0), 'it is empty'],
    [whole.subarray(0, 5000), 'it ends at 5000 bytes'],
    [Buffer.alloc(20_000, 'x'), 'it is no LMDB file'],
  ] as const) {
    await writeFile(at('connections.mdb'), bytes);
    const next = await started(stage);
    expect(next.stdout()).toContain(`${at('connections.mdb')} is damaged (${why}`);
    expect(next.stdout()).toContain(`put aside as ${at('connections.mdb.damaged')}`);
    expect((await next.stop()).code).toBe(0);
    expect(await readFile(at('connections.mdb.damaged'))).toEqual(bytes);
  }
  const files = await readdir(stage.dir);
  expect(files.filter((name) => name.includes('damaged'))).toEqual(['connections.mdb.damaged']);
  const last = await started(stage);
  expect(last.stdout()).not.toContain('damaged');
  await stage.close();
});

test('a folder where a file should be, and the reverse: one line; tables of readers do not matter', async () => {
  const { stage, at } = await usedStage('embedded');
  for (const name of [
    'log.mdb',
    'vault.mdb',
    'connections.mdb',
    'checkpoints.ndjson',
    'lock.mdb',
  ]) {
    await rename(at(name), at('own'));
    await mkdir(at(name));
    expect(await refusal(stage), name).toMatch(new RegExp(`${name} is a folder.*Move it away`));
    await rm(at(name), { recursive: true });
    await rename(at('own'), at(name));
  }
  await rename(at('read-models'), at('own'));
  await writeFile(at('read-models'), 'x');
  expect(await refusal(stage)).toMatch(/read models in .* cannot be opened/);
  await rm(at('read-models'));
  await rename(at('own'), at('read-models'));
  for (const name of ['log.mdb-lock', 'vault.mdb-lock', 'lock.mdb-lock', 'connections.mdb-lock']) {
    await writeFile(at(name), 'x'.repeat(100));
  }
  await (await started(stage)).stop();
  await stage.close();
});

test('a lock that is damaged or gone is made anew, and a server that runs is found all the same', async () => {
  const { stage, at } = await usedStage('embedded');
  const lock = at('lock.mdb');
  await truncate(lock, 5000);
  const server = await started(stage);
  expect(server.stdout()).toMatch(
    /lock\.mdb was damaged \(.*\)\. It holds no data and was replaced\./,
  );
  const inUse = new RegExp(`in use by another process, ${server.pid}\\.`);
  await truncate(lock, 1);
  expect(await refusal(stage)).toMatch(inUse);
  await rm(lock);
  expect(await refusal(stage)).toMatch(inUse);
  expect(await call(server.url, 'GET /readyz')).toMatchObject({ status: 200 });
  expect((await server.stop()).code).toBe(0);
  await stage.close();
});

test('a damaged lock in a folder without a vault is refused: nothing would exclude a second process', async () => {
  const stage = await openStage('embedded');
  await writeFile(join(stage.dir, 'lock.mdb'), 'nonsense');
  expect(await refusal(stage)).toMatch(/lock\.mdb is damaged/);
  await stage.close();
});

/** Deletes these streams of a stage's nats-server. */
const forget = async ({ nats }: ServerStage, names: readonly string[]): Promise<void> => {
  const { nc } = await connectNats(nats?.url ?? '');
  for (const name of names) {
    const answer = await nc.request(`$JS.API.STREAM.DELETE.${name}`);
    expect(answer.json()).toMatchObject({ success: true });
  }
  await nc.close();
};

const streams = Array.from({ length: partitionsDefault }, (_, partition) => `OSHI_EV_${partition}`);

testWithServers(
  'streams that are missing on the NATS server: refused, and none is made',
  async () => {
    const { stage } = await usedStage('cluster');
    await forget(stage, ['OSHI_CX']);
    await (await started(stage)).stop();
    await forget(stage, ['OSHI_EV_3']);
    expect(await refusal(stage)).toContain('the stream OSHI_EV_3 of the event log is missing');
    await forget(
      stage,
      streams.filter((name) => name !== 'OSHI_EV_3'),
    );
    expect(await refusal(stage)).toMatch(
      /event log are missing on the NATS server, but .*: the bucket OSHI_VAULT, the read models in the MongoDB database stage-\w+\. Restore/,
    );
    await forget(stage, ['KV_OSHI_VAULT']);
    expect(await refusal(stage)).toMatch(
      /belongs to a log: the read models in the MongoDB database/,
    );
    await stage.close();
  },
);

testWithServers(
  'a bucket of secrets that is missing: refused, until another one is asked for',
  async () => {
    const { stage, ann } = await usedStage('cluster');
    await forget(stage, ['KV_OSHI_VAULT']);
    for (const words of [['checkpoint'], ['replay']]) await runCommand(words, stage.env);
    expect(await refusal(stage)).toMatch(
      /There is no bucket OSHI_VAULT on the NATS server, but the log holds events/,
    );
    const server = await startOshi(stage.env, ['--new-vault']);
    expect(await logIn(server, ann)).toBe(401);
    await server.stop();
    await (await started(stage)).stop();
    await stage.close();
  },
);

testWithServers(
  'servers that do not belong together: refused, and the models are not dropped',
  async () => {
    const { stage } = await usedStage('cluster');
    const nats = await startOwnNats();
    const fresh = { ...stage, env: { ...stage.env, OSHI_NATS_URL: nats.url } };
    expect(await refusal(fresh)).toMatch(/event log are missing on the NATS server.*read models/);
    const { stage: other } = await usedStage('cluster');
    const mixed = { ...stage, env: { ...stage.env, OSHI_NATS_URL: other.env.OSHI_NATS_URL ?? '' } };
    expect(await refusal(mixed)).toMatch(
      /^oshi: The read models in the MongoDB database stage-\w+ were built from another log .* Correct OSHI_NATS_URL or OSHI_MONGODB_URL/,
    );
    const server = await started(stage);
    expect(server.stdout()).not.toContain('rebuilt from');
    await nats.stop();
    await other.close();
    await stage.close();
  },
);
