import { existsSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mongoStore } from '../../src/engine/cluster/mongo-store/mongo-store.ts';
import { embeddedStore } from '../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import { uuid7 } from '../../src/events/ids.ts';
import type { ReadStore } from '../../src/store/store.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { makeCircle, type Person, post, registerAll } from '../support/fixtures/server-people.ts';
import type { Ending } from '../support/fixtures/server-process.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();

/** Each run of the program takes seconds where many tests share a machine. */
const manyRuns = { timeout: 180_000 };

const history = async (url: string) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  for (let index = 0; index < 5; index++) await post(ann, circle, { text: `${index}` });
  return { ann, circle };
};

type Report = {
  readonly ok: boolean;
  readonly events: number;
  readonly checkpoints: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly code: string }[];
};

const reportOf = ({ code, stdout, stderr }: Ending): Report & { readonly code: number | null } => {
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as Report) };
};

const verify = async ({ env }: ServerStage, ...words: string[]) =>
  reportOf(await runCommand(['verify', '--json', ...words], env));

const storeOf = ({ engine, dir, env }: ServerStage): Promise<ReadStore> =>
  engine === 'embedded'
    ? embeddedStore({ path: join(dir, 'read-models') })
    : mongoStore({ url: env.OSHI_MONGODB_URL ?? '' });

it(
  'verify and checkpoint beside a server, and without it; what they build they remove',
  async ({ stage, url }) => {
    const { ann, circle } = await history(url);
    expect(await verify(stage)).toMatchObject({ code: 0, ok: true, findings: [], checkpoints: 0 });
    const file = join(stage.dir, 'elsewhere');
    const made = await runCommand(['checkpoint', '--out', file], stage.env);
    expect(made).toMatchObject({ code: 0, stdout: '', stderr: '' });
    await post(ann, circle, { text: 'later' });
    expect(await verify(stage, '--against', file)).toMatchObject({ code: 0, checkpoints: 1 });
    await (await stage.server()).stop();
    const said = await runCommand(['verify'], stage.env);
    expect(said.code).toBe(0);
    expect(said.stdout).toMatch(
      /checkpoints compared: 1\n.*read models: .*\nno problems found\n$/s,
    );
    const { key } = JSON.parse(await readFile(file, 'utf8')) as { key: string };
    expect(await verify(stage, '--against', file, '--key', key)).toMatchObject({ code: 0 });
    const other = await verify(stage, '--against', file, '--key', 'AAAA', '--no-models');
    expect(other).toMatchObject({ code: 3, counts: { forged: 1 } });
    expect((await readdir(stage.dir)).filter((name) => name.startsWith('verify-'))).toEqual([]);
  },
  manyRuns,
);

it(
  'a server that stops leaves a checkpoint, and the next one goes on from it',
  async ({ stage, url }) => {
    const { ann, circle } = await history(url);
    await (await stage.server()).stop();
    await stage.restart();
    await post(ann, circle, { text: 'after' });
    await (await stage.server()).stop();
    expect(await verify(stage)).toMatchObject({ code: 0, checkpoints: 1 });
    if (stage.engine === 'cluster') return;
    const file = join(stage.dir, 'checkpoints.ndjson');
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(await verify(stage, '--against', file)).toMatchObject({
      ...{ code: 0, checkpoints: lines.length },
    });
  },
  manyRuns,
);

it(
  'what a server writes meanwhile is no difference',
  async ({ stage, url }) => {
    const { ann, circle } = await history(url);
    const socket = await TestSocket.greet(url, ann);
    const s = `${circle}/${circle}`;
    let isOver = false;
    const writing = (async () => {
      for (let index = 0; !isOver; index++) {
        const id = uuid7();
        await socket.command('post-message', { s, id, text: 'x' });
        if (index % 3 === 0) await socket.command('edit-message', { s, id, text: 'y' });
        if (index % 5 === 0) await socket.command('delete-message', { s, id });
      }
    })();
    const reports: Awaited<ReturnType<typeof verify>>[] = [];
    for (let round = 0; round < 2; round++) {
      reports.push(await verify(stage));
    }
    isOver = true;
    await writing;
    socket.close();
    expect(reports.map(({ code, findings }) => [code, findings])).toEqual([
      [0, []],
      [0, []],
    ]);
  },
  manyRuns,
);

it(
  'what is found ends with code 3, what cannot be done with code 1',
  async ({ stage, url }) => {
    const { ann } = await history(url);
    await (await stage.server()).stop();
    const store = await storeOf(stage);
    await store.update('users_v2', ann.id, { $set: { username: 'eve' } });
    await store.close();
    const report = await verify(stage);
    expect(report).toMatchObject({ code: 3, ok: false, counts: { differs: 1 } });
    expect(report.findings).toEqual([
      expect.objectContaining({
        ...{ code: 'differs', collection: 'users_v2', id: ann.id, field: 'username' },
        ...{ live: 'eve', rebuilt: ann.username },
      }),
    ]);
    const said = await runCommand(['verify'], stage.env);
    expect(said.stdout).toMatch(/^differs: users_v2 .* username is "eve"/);
    expect(said.stdout).toMatch(/found: 1 differs\n$/);
    expect(said.code).toBe(3);
    expect(await verify(stage, '--no-models')).toMatchObject({ code: 0 });
    const none = await runCommand(['verify', '--against', join(stage.dir, 'nothing')], stage.env);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    await writeFile(join(stage.dir, 'bad'), 'x\n');
    const bad = await runCommand(['verify', '--against', join(stage.dir, 'bad')], stage.env);
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringMatching(/^oshi: .*no checkpoint/) });
    const file = join(stage.dir, 'log.mdb');
    if (!existsSync(file)) return;
    await truncate(file, 9000);
    expect(await verify(stage)).toMatchObject({ code: 3, counts: { damaged: 1 } });
  },
  manyRuns,
);
