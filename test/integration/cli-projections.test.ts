import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MongoClient } from 'mongodb';
import { expect } from 'vitest';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { makeCircle, type Person, post, registerAll } from '../support/fixtures/server-people.ts';
import { type Ending, spawnNode, spawnOshi } from '../support/fixtures/server-process.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();

/** Each run of the program takes seconds where many tests share a machine. */
const manyRuns = { timeout: 240_000 };

const projectionIn = async (path: string, body: string): Promise<string> => {
  await writeFile(
    path,
    `export const projection = { name: 'counts', version: 1, indexes: [{ posts: -1 }], on: {
      'message-posted': ({ by, d }) => { ${body}
        return [{ updateOne: { filter: { _id: by }, update: { $inc: { posts: 1 } }, upsert: true } }];
      } } };`,
  );
  return path;
};

type Shown = {
  readonly name: string;
  readonly state: string;
  readonly own: boolean;
  readonly lag: number;
  readonly failure?: { readonly message: string; readonly event: { readonly k: string } };
};

const spoken = async ({ env }: ServerStage, ...words: string[]): Promise<Ending> => {
  const ending = await runCommand(words, env);
  expect(ending.stderr).not.toMatch(/\bat .*:\d+:\d+/);
  return ending;
};

const done = async (stage: ServerStage, ...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await spoken(stage, ...words);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

const refused = async (stage: ServerStage, ...words: string[]): Promise<string> => {
  const { code, stderr } = await spoken(stage, ...words);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^oshi: [^\n]+\n$/)]);
  return stderr;
};

const listed = async (stage: ServerStage): Promise<Map<string, Shown>> => {
  const shown = JSON.parse(await done(stage, 'projections', '--json')) as Shown[];
  return new Map(shown.map((each) => [each.name, each]));
};

const postsOf = async (stage: ServerStage): Promise<number> => {
  const lines = await done(stage, 'rows', 'counts', '--sort', '-posts', '--limit', '1', '--json');
  return (JSON.parse(lines) as { posts: number }).posts;
};

it(
  'one of one’s own is watched, mended, stopped, resumed and detached beside the server',
  async ({ stage, url }) => {
    const [ann, ben, eve] = (await registerAll(url, ['ann', 'ben', 'eve'])) as Person[] as [
      Person,
      Person,
      Person,
    ];
    const circle = await makeCircle(ann, [ben]);
    for (const text of ['1', '2', '3']) await post(ann, circle, { text });
    await (await stage.server()).stop();
    const bug = `if (d.text === '2') throw new Error('a bug\\nof mine');`;
    const OSHI_PROJECTIONS = await projectionIn(join(stage.dir, 'counts.mjs'), bug);
    const server = await stage.restart({ OSHI_PROJECTIONS });

    // It has failed alone, and says on what.
    await until(async () => (await listed(stage)).get('counts')?.state === 'failed', 'its failure');
    const broken = await listed(stage);
    expect(broken.get('counts')?.failure).toMatchObject({ event: { k: 'message-posted' } });
    expect(broken.get('messages')).toMatchObject({ own: true, state: 'live', lag: 0 });
    const table = await done(stage, 'projections');
    expect(table).toMatch(/^counts +1 +attached +failed +\d+ +\d+$/m);
    expect(table).toContain('a bug\\nof mine');
    expect(table).toMatch(/\n {2}fix it, then run: oshi projections resume counts\n$/);

    // Owners see it too, without the text; nobody else does.
    const path = `GET /v1/circles/${circle}/projections`;
    const { status, body } = await ann.call(path);
    expect(status).toBe(200);
    const { projections } = body as unknown as { projections: Shown[] };
    expect(projections.find(({ name }) => name === 'counts')).toEqual({
      ...{ name: 'counts', version: 1, state: 'failed' },
      ...{ applied: expect.any(Number), head: expect.any(Number), lag: expect.any(Number) },
    });
    expect(JSON.stringify(body)).not.toContain('bug');
    expect((await ben.call(path)).status).toBe(403);
    expect((await eve.call(path)).status).toBe(
      (await eve.call(`GET /v1/circles/${circle}/members`)).status,
    );

    // Mended and resumed, it goes on where it was; the server was not restarted.
    expect(await refused(stage, 'projections', 'resume', 'counts')).toMatch(
      /has failed again: .*a bug/,
    );
    await projectionIn(OSHI_PROJECTIONS, '');
    await done(stage, 'projections', 'resume', 'counts');
    await until(async () => (await postsOf(stage)) === 3, 'all posts');

    // Stopped, it lets pass what happens, over a restart; resumed, it makes up for it.
    expect(await done(stage, 'projections', 'stop', 'counts')).toMatch(/^counts is stopped/);
    await post(ann, circle, { text: '4' });
    expect(await postsOf(stage)).toBe(3);
    await server.stop();
    const next = await stage.restart({ OSHI_PROJECTIONS });
    await next.said(/^projection counts: stopped, as requested$/m);
    expect((await listed(stage)).get('counts')?.state).toBe('stopped');
    await done(stage, 'projections', 'resume', 'counts');
    await until(async () => (await postsOf(stage)) === 4, 'the last post');

    const watching = spawnOshi(['projections', '--watch'], stage.env);
    await watching.said(/^\{"name":"counts",.*"state":"live"/m);
    expect(await watching.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });

    expect(await done(stage, 'projections', 'detach', 'counts')).toMatch(/its rows are deleted$/m);
    expect((await listed(stage)).has('counts')).toBe(false);
    expect(await refused(stage, 'rows', 'counts')).toMatch(
      /no projection counts; there are: .*users/,
    );
    await next.stop();
    const { state } = (await listed(stage)).get('messages') ?? {};
    expect(state).toBe('not running');
  },
  manyRuns,
);

it(
  'what cannot be done is one line; without a server one is detached all the same',
  async ({ stage, url }) => {
    const [ann] = (await registerAll(url, ['ann'])) as [Person];
    const circle = await makeCircle(ann);
    await post(ann, circle, { text: 'hello' });
    await (await stage.server()).stop();
    const OSHI_PROJECTIONS = await projectionIn(join(stage.dir, 'counts.mjs'), '');
    const server = await stage.restart({ OSHI_PROJECTIONS });
    await server.said(/^projection counts: caught up/m);
    await server.stop();

    expect(await refused(stage, 'projections', 'stop', 'users')).toMatch(/is built in/);
    expect(await refused(stage, 'projections', 'stop', 'count')).toMatch(/there are: counts$/m);
    expect(await refused(stage, 'rows', 'users', '--where', 'username=ann')).toMatch(
      /no index of users_v\d+ .*; the indexes are: \{"_id":1\}/,
    );
    const users = (await done(stage, 'rows', 'users', '--json')).trim().split('\n');
    expect(users.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
      expect.not.arrayContaining(['_applied']),
    ]);
    const own = ['rows', 'memberships', '--where', `circle=${circle}`, '--where', 'active=true'];
    expect(await done(stage, ...own)).toMatch(new RegExp(`^_id .*\\n${circle}/`));
    expect(await done(stage, 'rows', 'users', '--where', '_id=nobody')).toBe('no rows\n');

    expect(await done(stage, 'projections', 'stop', 'counts')).toMatch(/stopped/);
    expect((await listed(stage)).get('counts')?.state).toBe('stopped');
    expect(await done(stage, 'projections', 'resume', 'counts')).toMatch(/is not running/);
    expect((await listed(stage)).get('counts')?.state).toBe('not running');
    await done(stage, 'projections', 'detach', 'counts');
    expect((await listed(stage)).has('counts')).toBe(false);
  },
  manyRuns,
);

/** What `verify` keeps in its own place while it runs. */
const scratchIn = async ({ engine, dir, env }: ServerStage): Promise<string[]> => {
  if (engine === 'embedded') {
    return (await readdir(dir)).filter((name) => name.startsWith('verify-'));
  }
  const url = env.OSHI_MONGODB_URL ?? '';
  const client = await MongoClient.connect(url);
  const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
  await client.close();
  const name = new URL(url).pathname.slice(1);
  return databases.map((each) => each.name).filter((each) => each.startsWith(`${name}-verify-`));
};

const holdsScratch = `
  const { configOf } = await import('./src/config.ts');
  const { storageOf } = await import('./src/engine/engine.ts');
  const { store } = await (await storageOf(configOf(process.env))).openScratchStore();
  await store.put('c', { _id: 'x' });
  console.log('it is open');
  setInterval(() => {}, 1000);`;

it(
  'a verify that was killed leaves nothing that the next one does not remove; a stream that is gone is found',
  async ({ stage }) => {
    await (await stage.server()).stop();
    const root = resolve(import.meta.dirname, '../..');
    expect(root).toBe(process.cwd());
    const other = spawnNode(
      ['--import', 'tsx', '--input-type=module', '-e', holdsScratch],
      stage.env,
    );
    await other.said(/it is open/);
    const held = await scratchIn(stage);
    expect(held).toHaveLength(1);
    await done(stage, 'verify');
    expect(await scratchIn(stage)).toEqual(held);
    await other.kill();
    await done(stage, 'verify');
    expect(await scratchIn(stage)).toEqual([]);

    if (!stage.nats) return;
    const { nc } = await connectNats(stage.nats.url);
    for (const stream of ['OSHI_EV_3', 'OSHI_EV_0']) {
      await nc.request(`$JS.API.STREAM.DELETE.${stream}`);
      const { code, stdout } = await spoken(stage, 'verify');
      expect([code, stdout]).toEqual([3, expect.stringMatching(`^damaged: the stream ${stream} `)]);
    }
    await nc.close();
  },
  manyRuns,
);
