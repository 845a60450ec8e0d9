import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { configOf } from '../../src/config.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { uuid7 } from '../../src/events/ids.ts';
import { messages } from '../../src/projections/models/messages.ts';
import { collectionOf } from '../../src/projections/projection.ts';
import { builtIn } from '../../src/projections/read-models.ts';
import { type Origin, origins } from '../../src/store/origins.ts';
import type { ReadStore } from '../../src/store/store.ts';
import { history } from '../../tools/seed/history.ts';
import { write } from '../../tools/seed/writing.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type Ending, runOshi, spawnOshi } from '../support/fixtures/server-process.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { withStore } from '../support/fixtures/stage-store.ts';

const it = testOnOwnStages();

/** Each run of the program takes seconds where many tests share a machine. */
const manyRuns = { timeout: 300_000 };
const logical = collectionOf(messages);

type Line = { readonly step: string; readonly model: string; readonly isResumed?: boolean };
type Report = {
  readonly ok: boolean;
  readonly models: readonly {
    readonly model: string;
    readonly events: number;
    readonly documents: number;
    readonly differing: number;
    readonly findings: readonly object[];
    readonly switched: boolean;
    readonly taken: boolean;
  }[];
};

const saidBy = ({ stdout, stderr, code }: Ending) => {
  expect(stderr).toBe('');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const report = lines.at(-1) as unknown as Report;
  return { code, steps: lines.map(({ step }) => step), lines, report };
};

const rebuild = async ({ env }: ServerStage, words: string[], more: Record<string, string> = {}) =>
  saidBy(await runOshi(['rebuild', ...words, '--json'], { ...env, ...more }));

const verify = async ({ env }: ServerStage): Promise<object> => {
  const { code, stdout } = await runCommand(['verify', '--json'], env);
  const { findings } = JSON.parse(stdout) as { findings: readonly object[] };
  return { code, findings };
};

const rowOf = async (store: ReadStore, name = logical): Promise<Partial<Origin>> =>
  ((await store.get(origins.name, name)) ?? {}) as Partial<Origin>;

/** What is tested beside them needs some of the machine. */
const paceMs = 5;

/** Somebody who posts and reads all the time, and finds whatever they had been answered or shown before. */
const traffic = ({ ann, circle }: { ann: Person; circle: string }) => {
  const acknowledged: string[] = [];
  const troubles: string[] = [];
  let isOver = false;
  const posting = (async () => {
    while (!isOver) {
      const id = uuid7();
      const answer = await post(ann, circle, { id }).catch(() => undefined);
      if (answer?.status === 201) acknowledged.push(id);
      await sleep(paceMs);
    }
  })();
  const reading = (async () => {
    for (let newest = 0; !isOver; ) {
      const last = acknowledged.at(-1);
      const answer = await ann.call(`GET ${messagesOf(circle)}?limit=100`).catch(() => undefined);
      // On a machine that is very busy the models may be late, which is said so.
      if (answer?.status !== 200) continue;
      const shown = answer.body.messages ?? [];
      if (last && !shown.some(({ id }) => id === last)) troubles.push(`${last} is lost`);
      const m = shown.at(-1)?.m ?? 0;
      if (m < newest) troubles.push(`${m} is shown after ${newest}`);
      newest = m;
      await sleep(paceMs);
    }
  })();
  return {
    acknowledged,
    troubles,
    async end() {
      isOver = true;
      await Promise.all([posting, reading]);
    },
  };
};

it(
  'a model is rebuilt while people post and read: nothing is lost, what was wrong is right',
  async ({ stage, url }) => {
    const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
    const circle = await makeCircle(ann, [ben]);
    const wrong = uuid7();
    await post(ann, circle, { id: wrong, text: 'as it was said' });
    await withStore(stage, async (store) => {
      const id = `${circle}/${circle}/${wrong}`;
      await until(async () => (await store.get(logical, id)) !== undefined);
      await store.update(logical, id, { $set: { text: 'by hand' } });
    });
    const people = traffic({ ann, circle });
    await until(() => people.acknowledged.length > 20);
    const { code, steps, report } = await rebuild(stage, ['messages']);
    const second = await rebuild(stage, ['messages', '--expect-same']);
    await people.end();
    expect(people.troubles).toEqual([]);
    expect({ code, steps }).toEqual({
      code: 0,
      steps: ['filling', 'comparing', 'switched', 'taken', 'done'],
    });
    expect(report.models).toEqual([
      expect.objectContaining({
        ...{ model: logical, differing: 1, switched: true, taken: true },
        findings: [
          expect.objectContaining({
            ...{ code: 'differs', collection: logical, field: 'text' },
            ...{ live: 'by hand', rebuilt: 'as it was said' },
          }),
        ],
      }),
    ]);
    expect(second).toMatchObject({ code: 0, report: { ok: true, models: [{ differing: 0 }] } });
    const { body } = await ben.call(`GET ${messagesOf(circle)}?limit=1&after=0`);
    expect(body.messages).toMatchObject([{ id: wrong, text: 'as it was said' }]);
    expect(await verify(stage)).toEqual({ code: 0, findings: [] });
    await withStore(stage, async (store) => {
      await until(async () => (await rowOf(store)).old === undefined);
      expect(await rowOf(store)).toMatchObject({ collection: `${logical}_r2` });
      for (const name of [logical, `${logical}_r1`]) expect(await store.count(name, {}, 1)).toBe(0);
    });
  },
  manyRuns,
);

it(
  'all of them, and what is refused',
  async ({ stage, url }) => {
    const [ann] = (await registerAll(url, ['ann'])) as [Person];
    const circle = await makeCircle(ann);
    await post(ann, circle);
    const { code, report } = await rebuild(stage, ['--all', '--expect-same']);
    expect(code).toBe(0);
    expect(report.models.map(({ model }) => model)).toEqual(builtIn.map(collectionOf));
    expect(await verify(stage)).toEqual({ code: 0, findings: [] });
    await withStore(stage, async (store) => {
      const { collection = logical } = await rowOf(store);
      const added = { $set: { text: 'by hand' } };
      const [first] = await store.find(collection, {}, { limit: 1 });
      await store.update(collection, first?._id ?? '', added);
    });
    const different = await runOshi(['rebuild', 'messages', '--expect-same'], stage.env);
    expect(different).toMatchObject({ code: 3, stderr: '' });
    expect(different.stdout).toMatch(
      /^differs: messages_v\d+ \S+: text is "by hand", by the log "hello"$/m,
    );
    expect(different.stdout).toMatch(/unchanged, since it differs/);
    const { body } = await ann.call(`GET ${messagesOf(circle)}`);
    expect(body.messages).toHaveLength(1);
    const unknown = await runOshi(['rebuild', 'mesages'], stage.env);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/did you mean messages/),
    });
    const none = await runOshi(['rebuild', './nothing.mjs'], stage.env);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^oshi: .*cannot be loaded[^\n]*\n$/),
    });
  },
  manyRuns,
);

/** Counts posts; it is slow where it is told to be, since a projection does no work that could be seen. */
const slowly = `export const projection = { name: 'slowly', version: 1, indexes: [], on: {
  'message-posted': ({ d }, { s }) => {
    for (const end = Date.now() + Number(process.env.SLOWLY_MS ?? 0); Date.now() < end; );
    return [{ updateOne: { filter: { _id: s }, update: { $inc: { posts: 1 } }, upsert: true } }];
  } } };`;

const seedHistory = async ({ env }: ServerStage, events: number): Promise<void> => {
  const told = { onError: () => {}, onWarning: () => {} };
  const engine = await openEngine(configOf(env), told);
  await write(engine.log, history({ events, seed: 8 }), () => {});
  await engine.close();
};

it(
  'killed while it fills, it goes on where it was; killed after the switch, the next server takes it up',
  async ({ stage }) => {
    await (await stage.server()).stop();
    await seedHistory(stage, 9000);
    const module = join(stage.dir, 'slowly.mjs');
    await writeFile(module, slowly);
    const attached = { OSHI_PROJECTIONS: module };
    const server = await stage.restart(attached);
    await server.said(/^projection slowly: caught up/m);
    const name = 'slowly_v1';
    const fresh = `${name}_r1`;
    const slow = { ...stage.env, SLOWLY_MS: '4' };
    await withStore(stage, async (store) => {
      const places = async (collection: string): Promise<number[]> =>
        Promise.all(Array.from({ length: 8 }, (_, at) => store.checkpoint(collection, at)));
      const sum = async (collection: string): Promise<number> =>
        (await places(collection)).reduce((all, each) => all + each, 0);
      const end = await sum(name);
      const first = spawnOshi(['rebuild', module], slow);
      await until(async () => (await sum(fresh)) > 0, 'the first portion');
      const other = await runOshi(['rebuild', module], stage.env);
      expect(other).toMatchObject({ code: 1, stdout: '' });
      expect(other.stderr).toMatch(/^oshi: slowly_v1 is being rebuilt by another process/);
      await first.kill();
      const reached = await sum(fresh);
      expect(reached).toBeGreaterThan(0);
      expect(reached).toBeLessThan(end);
      expect(await rowOf(store, name)).toMatchObject({ rebuilding: fresh });
      expect(await rowOf(store, name)).not.toHaveProperty('collection');

      await server.kill();
      const again = spawnOshi(['rebuild', module, '--json'], stage.env);
      await until(async () => (await rowOf(store, name)).old === name, 'the switch');
      await again.kill();
      const [filling] = saidBy({ ...(await again.ended), code: 0 }).lines;
      expect(filling).toMatchObject({ step: 'filling', isResumed: true });
      const last = await rebuild(stage, [module]);
      expect(last).toMatchObject({ code: 0, steps: ['left', 'done'] });
      const next = await stage.restart(attached);
      await next.said(/^projection slowly: caught up/m);
      await until(async () => (await rowOf(store, name)).old === undefined, 'the drop');
      expect(await rowOf(store, name)).toMatchObject({ collection: fresh });
      expect(await store.count(name, {}, 1)).toBe(0);
      expect(await sum(name)).toBe(0);
    });
    const same = await rebuild(stage, [module, '--expect-same']);
    expect(same).toMatchObject({ code: 0, report: { models: [{ differing: 0, taken: true }] } });
  },
  manyRuns,
);

it(
  'a server that is killed when it is to take the new one up reads it when it is started again',
  async ({ stage, url }) => {
    const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
    const circle = await makeCircle(ann, [ben]);
    const people = traffic({ ann, circle });
    await until(() => people.acknowledged.length > 20);
    const rebuilding = spawnOshi(['rebuild', 'messages'], stage.env);
    await withStore(stage, async (store) => {
      await until(async () => (await rowOf(store)).old !== undefined, 'the switch');
      await (await stage.server()).kill();
      await people.end();
      expect(people.troubles).toEqual([]);
      await stage.restart();
      const { body } = await ben.call(`GET ${messagesOf(circle)}?limit=100`);
      expect(body.messages?.map(({ id }) => id)).toEqual(
        expect.arrayContaining(people.acknowledged.slice(-50)),
      );
      expect((await rebuilding.ended).code).toBe(0);
      await until(async () => (await rowOf(store)).old === undefined, 'the drop');
      expect(await rowOf(store)).toMatchObject({ collection: `${logical}_r1` });
    });
    expect(await verify(stage)).toEqual({ code: 0, findings: [] });
  },
  manyRuns,
);
