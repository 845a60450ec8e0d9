import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { copyIn, copyOf } from '../support/checkers/postgres-copy.ts';
import { replay } from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { connectPostgres, postgresPrograms, startPostgres } from '../support/fixtures/postgres.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import {
  type Environment,
  type OshiProcess,
  spawnOshi,
} from '../support/fixtures/server-process.ts';
import { type EngineName, openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

const programs = await postgresPrograms();
const seeded = 8000;
const run = promisify(execFile);

/** How far the copies of which logs have come; empty before there are tables. */
const places = (db: pg.Client): Promise<string> =>
  db
    .query<{ all: string }>(
      `SELECT string_agg(p::text, ' ' ORDER BY p) AS all FROM oshi_position p`,
    )
    .then(
      ({ rows }) => rows[0]?.all ?? '',
      () => '',
    );

const moves = async (db: pg.Client, before: string): Promise<void> =>
  until(async () => (await places(db)) !== before, 'a place that moves');

/** Kills it while it writes messages: they are locked, so it stands in the middle of a batch. */
const killInBatch = async (db: pg.Client, start: () => OshiProcess, url: string): Promise<void> => {
  // Within a transaction a connection sees the others as they were at its first look.
  const locking = await connectPostgres(url);
  await locking.query('BEGIN; LOCK TABLE oshi_messages IN ACCESS EXCLUSIVE MODE');
  const copying = start();
  const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO oshi_messages%'`;
  await until(
    async () => (await db.query(waits)).rowCount !== 0,
    () => `a statement that waits: ${copying.stderr()}`,
  );
  await copying.kill();
  await locking.end();
};

/** People meet on the server while the copy is made. */
const meet = async (url: string): Promise<string> => {
  const [ann, ben, eve] = (await registerAll(url, ['ann', 'ben', 'eve'])) as [
    Person,
    Person,
    Person,
  ];
  const [circle, gone] = [await makeCircle(ann, [ben, eve]), await makeCircle(ann)];
  const [edited, deleted, stream] = [uuid7(), uuid7(), uuid7()];
  for (const id of [edited, deleted]) await post(ann, circle, { id, text: 'it\'s "so" \\ 👍' });
  await ann.call(`PATCH ${messagesOf(circle)}/${edited}`, { text: 'once' });
  await ann.call(`PATCH ${messagesOf(circle)}/${edited}`, { text: 'twice' });
  await ann.call(`DELETE ${messagesOf(circle)}/${deleted}`);
  await ben.call(`DELETE /v1/circles/${circle}/members/me`);
  await ben.call(`PUT /v1/circles/${circle}/members/me`, {});
  await ann.call(`DELETE /v1/circles/${circle}/members/${eve.id}`);
  await ann.call(`PUT /v1/circles/${circle}/streams/${stream}`, { name: 'cakes' });
  await ann.call(`PUT /v1/circles/${circle}/streams/${stream}/messages/${uuid7()}`, { text: 'x' });
  await ann.call(`DELETE /v1/circles/${circle}/streams/${stream}`);
  await ann.call(`PATCH /v1/circles/${circle}`, { about: 'all about it', visibility: 'private' });
  await post(ann, gone);
  await ann.call(`DELETE /v1/circles/${gone}`);
  const last = uuid7();
  await post(ann, circle, { id: last, text: 'last' });
  return last;
};

/** A log with a made-up history, and processes that copy it; all of it ends with the test. */
const openCopy = async (engine: EngineName, url: string) => {
  const stage = await openStage(engine);
  const started: OshiProcess[] = [];
  onTestFinished(async () => {
    for (const each of started) await each.kill();
    await stage.close();
  });
  const words = ['--import', 'tsx', 'tools/seed.ts', '--events', `${seeded}`];
  await run(execPath, words, { env: stage.env });
  const db = await connectPostgres(url);
  const start = (...more: string[]): OshiProcess => {
    const env = { ...stage.env, DATABASE_URL: url };
    const copying = spawnOshi(['project', 'examples/postgres-copy.js', ...more], env);
    started.push(copying);
    return copying;
  };
  const before = await places(db);
  const first = start();
  await moves(db, before);
  await first.kill();
  await killInBatch(db, start, url);
  return { stage, db, start };
};

/** Catches up, and compares with a fold of the log. */
const compare = async (env: Environment, db: pg.Client, start: (word: string) => OshiProcess) => {
  expect(await start('--until-caught-up').ended).toMatchObject({ code: 0, stderr: '' });
  const expected = copyOf(await replay(env));
  expect(Object.keys(expected.messages).length).toBeGreaterThan(seeded / 4);
  expect(await copyIn(db)).toEqual(expected);
  await db.end();
};

// Each starts several processes, one after the other.
const timeoutMs = 180_000;

describe.skipIf(programs === undefined)('examples/postgres-copy.js', () => {
  let postgres: ServerProcess;
  beforeAll(async () => {
    postgres = await startPostgres(programs ?? '');
  });
  afterAll(() => postgres?.stop());

  test(
    'killed in a batch, and PostgreSQL too, it is what a fold of the log gives, and follows (embedded)',
    async () => {
      const { stage, db, start } = await openCopy('embedded', postgres.url);
      const middle = await places(db);
      const survivor = start();
      await moves(db, middle);
      await postgres.kill();
      await postgres.restart();
      const last = await meet((await stage.server()).url);
      const again = await connectPostgres(postgres.url);
      const seen = 'SELECT FROM oshi_messages WHERE id = $1';
      await until(
        async () => (await again.query(seen, [last])).rowCount === 1,
        () => `the last message: ${survivor.stdout()} ${survivor.stderr()}`,
      );
      expect((await survivor.stop()).code).toBe(0);
      await compare(stage.env, again, start);
    },
    timeoutMs,
  );

  // The tables are those of the test above.
  testWithServers(
    'the same with many partitions at once, and nothing of another log is left (cluster)',
    async () => {
      const { stage, db, start } = await openCopy('cluster', postgres.url);
      await compare(stage.env, db, start);
    },
    timeoutMs,
  );
});
