import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { project } from '../../src/hosting/project.ts';
import type { Projection } from '../../src/projections/projection.ts';
import { documentsOf } from '../support/checkers/rebuilt-models.ts';
import { until } from '../support/checkers/waiting.ts';
import { externalCounter, nothingKept } from '../support/doubles/external-counter.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { makeCircle, type Person, post, registerAll } from '../support/fixtures/server-people.ts';
import { type OshiProcess, runOshi, spawnOshi } from '../support/fixtures/server-process.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();
const time = { timeout: 120_000 };

/** Ann in a circle of her own, who posts as often as she is told. */
const talker = async (url: string) => {
  const [ann] = (await registerAll(url, ['ann'])) as [Person];
  const circle = await makeCircle(ann);
  const say = async (times: number): Promise<void> => {
    const posts = Array.from({ length: times }, () => post(ann, circle));
    for (const { status } of await Promise.all(posts)) expect(status).toBe(201);
  };
  return { ann, circle, say };
};

/** A module that counts the messages of a stream; `guard` is run before. */
const counting = (name: string, { version = 1, guard = '' } = {}): string =>
  `export const projection = { name: '${name}', version: ${version}, indexes: [{ posted: -1 }], on: {
    'message-posted': ({ d }, { s }) => { ${guard}
      return [{ updateOne: { filter: { _id: s }, update: { $inc: { posted: ${version} } }, upsert: true } }];
    } } };`;

const fault = `throw new Error('a fault of its own');`;

/** Writes a module into the stage's folder. */
const moduleIn = async (stage: ServerStage, name: string, text: string): Promise<string> => {
  const path = join(stage.dir, `${name}.mjs`);
  await writeFile(path, text);
  return path;
};

/** How many messages a projection has counted, as the command line prints its rows. */
const counted = async (stage: ServerStage, name: string): Promise<number> => {
  const { stdout } = await runCommand(['rows', name, '--json'], stage.env);
  const rows = stdout.split('\n').filter((line) => line !== '');
  return rows.reduce((sum, line) => sum + (JSON.parse(line) as { posted: number }).posted, 0);
};

/** What a process has told of its progress. */
const told = (process: OshiProcess) =>
  process
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { state: string; applied: number[]; events: number });

it(
  'a process of its own follows beside the server, over crashes, and beside another one',
  async ({ stage, url }) => {
    const { say } = await talker(url);
    await say(30);
    const path = await moduleIn(stage, 'counter', counting('counter'));
    const first = spawnOshi(['project', path, '--json'], stage.env);
    await until(() => told(first).some(({ state }) => state === 'live'), 'that it follows');
    await say(10);
    await until(async () => (await counted(stage, 'counter')) === 40, 'that it has followed');

    const second = spawnOshi(['project', path], stage.env);
    await second.said(/^projection counter: counter_v1 is run by \S+ already; both go on$/m);
    await second.said(/^projection counter: caught up, \d+ events$/m);
    await say(10);
    await first.kill();
    await say(10);
    await until(async () => (await counted(stage, 'counter')) === 60, 'that the other goes on');
    expect(await second.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });

    await say(5);
    await (await stage.server()).stop();
    const last = await runOshi(['project', path, '--until-caught-up'], stage.env);
    expect(last).toMatchObject({ code: 0, stderr: '' });
    expect(last.stdout).toMatch(/^projection counter: caught up, \d+ events$/m);
    const rows = (await documentsOf(stage, 'counter_v1')) as { posted: number }[];
    expect(rows.map(({ posted }) => posted)).toEqual([65]);
  },
  time,
);

it(
  'one that throws ends with a line that names the event, and goes on there once it is mended',
  async ({ stage, url }) => {
    const { say } = await talker(url);
    await say(3);
    const path = await moduleIn(stage, 'faulty', counting('faulty', { guard: fault }));
    const failed = await runOshi(['project', path], stage.env);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^oshi: the projection faulty_v1 threw on message-posted, event \d+ of stream\.[^\n]+ a fault of its own; fix it [^\n]+\n$/,
    );
    await moduleIn(stage, 'faulty', counting('faulty'));
    const mended = await runOshi(['project', path, '--until-caught-up', '--json'], stage.env);
    expect(mended.code).toBe(0);
    expect(await counted(stage, 'faulty')).toBe(3);

    const missing = await runOshi(['project', join(stage.dir, 'missing.mjs')], stage.env);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^oshi: \S+missing\.mjs cannot be loaded[^\n]+\n$/);
    const unnamed = await runOshi(['project'], stage.env);
    expect(unnamed.code).toBe(2);
    const nowhere = { ...stage.env, OSHI_DATA_DIR: join(stage.dir, 'nowhere') };
    if (stage.engine === 'embedded')
      expect((await runOshi(['project', path], nowhere)).stderr).toMatch(/^oshi: there is no data/);
  },
  time,
);

it(
  'an attached one that fails is mended, changed, stopped and detached while the server runs',
  async ({ stage, url }) => {
    const { say } = await talker(url);
    await say(3);
    await (await stage.server()).stop();
    const OSHI_PROJECTIONS = await moduleIn(stage, 'wished', counting('wished', { guard: fault }));
    const server = await stage.restart({ OSHI_PROJECTIONS });
    const want = async (...words: string[]): Promise<void> => {
      const { code, stderr } = await runCommand(['projections', ...words], stage.env);
      expect(`${code} ${stderr}`).toBe('0 ');
    };
    await server.said(/wished_v1 threw on message-posted/);

    await moduleIn(stage, 'wished', 'export const projection = {');
    const refused = await runCommand(['projections', 'resume', 'wished'], stage.env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^oshi: wished is not running: \S+wished\.mjs cannot be loaded/);
    await server.said(/wished is not running: \S+wished\.mjs cannot be loaded/);
    await moduleIn(stage, 'wished', counting('wished'));
    await want('resume', 'wished');
    await server.said(/^projection wished: caught up/m);
    expect(await counted(stage, 'wished')).toBe(3);

    await want('stop', 'wished');
    await server.said(/^projection wished: stopped, as requested$/m);
    await say(4);
    expect(await counted(stage, 'wished')).toBe(3);
    await moduleIn(stage, 'wished', counting('wished', { version: 2 }));
    await want('resume', 'wished');
    await until(async () => (await counted(stage, 'wished')) === 14, 'the rows of version 2');

    await want('detach', 'wished');
    await server.said(/^projection wished: detached, as requested$/m);
    await say(1);
    await server.stop();
    expect(await documentsOf(stage, 'wished_v2')).toEqual([]);
  },
  time,
);

it(
  'a program reads the rows of its projection, or keeps its own',
  async ({ stage, url }) => {
    const { circle, say } = await talker(url);
    await say(5);
    const projection: Projection = {
      name: 'program',
      version: 1,
      indexes: [{ m: -1 }],
      on: { 'message-posted': ({ d }) => [{ insertOne: { document: { _id: d.id, m: d.m } } }] },
    };
    const states = new Set<string>();
    const rows = await project(projection, {
      environment: stage.env,
      onProgress: ({ state }) => states.add(state),
    });
    const kept = nothingKept();
    const own = await project(externalCounter({ kept }, { kinds: ['message-posted'] }), {
      environment: stage.env,
    });
    try {
      await Promise.all([rows.caughtUp(), own.caughtUp()]);
      const newest = await rows.find({}, { sort: { m: -1 }, limit: 2 });
      expect(newest.map(({ m }) => m)).toEqual([5, 4]);
      expect(await rows.get(newest[0]?._id ?? '')).toEqual(newest[0]);
      expect(Object.keys(newest[0] ?? {})).toEqual(['_id', 'm']);
      expect(await rows.count({ m: { $gt: 1 } }, 3)).toBe(3);
      await expect(rows.find({ text: 'x' })).rejects.toMatchObject({ name: 'NoIndex' });
      await say(2);
      await until(async () => (await rows.count({ m: { $gt: 0 } }, 100)) === 7, 'what came after');
      const lines = () => [...kept.stored.values()].flat();
      await until(() => lines().length === 7, 'what came after, elsewhere');
      expect(lines().every((line) => line.includes(` stream.${circle}.`))).toBe(true);
      expect(rows.failure()).toBeUndefined();
      await until(() => rows.progress().state === 'live', 'that it is live');
      expect([...states]).toContain('live');
      expect(Object.keys(own)).not.toContain('find');
    } finally {
      await Promise.all([rows.stop(), own.stop()]);
    }
    expect(kept).toMatchObject({ opened: 1, closed: 1 });
    await expect(project({ ...projection, name: 'messages' })).rejects.toThrow(
      'a built-in projection',
    );
  },
  time,
);
