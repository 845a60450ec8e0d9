import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadAttached } from '../../src/hosting/attachments.ts';
import { documentsOf } from '../support/checkers/rebuilt-models.ts';
import {
  call,
  makeCircle,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { runOshi } from '../support/fixtures/server-process.ts';
import { openStage, type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();
const root = resolve(import.meta.dirname, '../..');
const leaderboard = 'examples/leaderboard.js';

/** Ann and Ben in a circle, and so many posts of each. */
const history = async (url: string, [hers, his]: readonly [number, number]) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  const say = async (person: Person, times: number): Promise<void> => {
    const posts = Array.from({ length: times }, (_, index) =>
      post(person, circle, { text: `${index}` }),
    );
    for (const { status } of await Promise.all(posts)) expect(status).toBe(201);
  };
  await say(ann, hers);
  await say(ben, his);
  return { ann, ben, circle, say };
};

/** The leaderboard as the server left it. */
const standing = async (stage: ServerStage, circle: string): Promise<Record<string, number>> => {
  const rows = (await documentsOf(stage, 'leaderboard_v2')) as {
    circle: string;
    user: string;
    messages: number;
  }[];
  return Object.fromEntries(
    rows.filter((row) => row.circle === circle).map(({ user, messages }) => [user, messages]),
  );
};

it("a projection of one's own is replayed while the server serves, then follows, over restarts", async ({
  stage,
  url,
}) => {
  const { ann, ben, circle, say } = await history(url, [30, 20]);
  await (await stage.server()).stop();

  const attached = { OSHI_PROJECTIONS: join(root, leaderboard) };
  const server = await stage.restart(attached);
  expect((await call(server.url, 'GET /readyz')).status).toBe(200);
  const [, events] = await server.said(
    /^projection leaderboard: caught up, (\d+) events; following$/m,
  );
  expect(Number(events)).toBeGreaterThan(50);
  await say(ann, 5);
  await server.kill();

  const again = await stage.restart(attached);
  await say(ben, 3);
  await again.said(/^projection leaderboard: caught up/m);
  await say(ben, 1);
  expect((await again.stop()).code).toBe(0);
  const next = await stage.restart(attached);
  await next.said(/^projection leaderboard: caught up/m);
  await next.stop();
  expect(await standing(stage, circle)).toEqual({ [ann.id]: 35, [ben.id]: 24 });
});

it('progress is told while it catches up', async ({ stage, url }) => {
  await history(url, [150, 150]);
  await (await stage.server()).stop();
  const module = join(stage.dir, 'slowly.mjs');
  // Work enough to be seen at it; a projection does none.
  await writeFile(
    module,
    `export const projection = { name: 'slowly', version: 1, indexes: [], on: {
      'message-posted': ({ d }) => {
        for (const until = Date.now() + 4; Date.now() < until; );
        return [{ insertOne: { document: { _id: d.id } } }];
      } } };`,
  );
  const server = await stage.restart({ OSHI_PROJECTIONS: module });
  await server.said(/^projection slowly: partition \d+ at \d+ % \(\d+ of \d+\), \d+ commits\/s/m);
  await server.said(/^projection slowly: caught up/m);
  await server.stop();
  expect(await documentsOf(stage, 'slowly_v1')).toHaveLength(300);
});

it('one that throws stops alone, with a line that names the event', async ({ stage, url }) => {
  const { ann, ben, circle, say } = await history(url, [2, 1]);
  await (await stage.server()).stop();
  const module = join(stage.dir, 'faulty.mjs');
  await writeFile(
    module,
    `export default { name: 'faulty', version: 1, indexes: [], on: {
      'message-posted': () => { throw new Error('a fault of its own'); } } };`,
  );
  const OSHI_PROJECTIONS = `${module},${join(root, leaderboard)}`;
  const server = await stage.restart({ OSHI_PROJECTIONS });
  // One line for people, with the place in the module; no stacks.
  await server.said(
    /^projection faulty: .*faulty.*message-posted.*: a fault of its own; .* \(file:\S+faulty\.mjs:\d+:\d+\)$/m,
  );
  await server.said(/^projection leaderboard: caught up/m);
  expect(server.stderr()).toBe('');
  expect(server.stdout()).not.toMatch(/^ +at /m);
  await say(ann, 2);
  const { body } = await ben.call(`GET /v1/circles/${circle}/streams/${circle}/messages`);
  expect(body.messages).toHaveLength(5);
  expect((await call(server.url, 'GET /readyz')).status).toBe(200);
  await server.stop();
  const next = await stage.restart({ OSHI_PROJECTIONS: join(root, leaderboard) });
  await next.said(/^projection leaderboard: caught up/m);
  await next.stop();
  expect(await standing(stage, circle)).toEqual({ [ann.id]: 4, [ben.id]: 1 });
});

const unfit: readonly (readonly [string, string, RegExp])[] = [
  ['syntax.mjs', 'export const projection = {', /syntax\.mjs cannot be loaded/],
  ['empty.mjs', 'export const other = 1;', /empty\.mjs: it exports no projection/],
  [
    'taken.mjs',
    `export default { name: 'messages', version: 1, indexes: [], on: {} };`,
    /"messages" is the name of a built-in projection/,
  ],
];

test('a module that is none is one clear line, and the server does not start', async () => {
  const stage = await openStage('embedded');
  const OSHI_PROJECTIONS = join(stage.dir, 'missing.mjs');
  const { code, stderr } = await runOshi(['start'], { ...stage.env, OSHI_PROJECTIONS });
  expect(stderr).toMatch(/^oshi: OSHI_PROJECTIONS: .*missing\.mjs cannot be loaded[^\n]*\n$/);
  expect(code).toBe(1);
  for (const [name, text, line] of unfit) {
    const path = join(stage.dir, name);
    await writeFile(path, text);
    await expect(loadAttached(path)).rejects.toThrow(line);
    await expect(loadAttached(path)).rejects.toThrow(/^OSHI_PROJECTIONS: [^\n]+$/);
  }
  await stage.close();
});
