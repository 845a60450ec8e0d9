import { MongoClient } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configOf } from '../../src/config.ts';
import { uuid7 } from '../../src/events/ids.ts';
import type { Building } from '../../src/projections/building/building.ts';
import { serveModels } from '../../src/projections/building/serving.ts';
import { messages } from '../../src/projections/models/messages.ts';
import { collectionOf } from '../../src/projections/projection.ts';
import { builtIn } from '../../src/projections/read-models.ts';
import { monotonic, wallClock } from '../../src/runtime/clock.ts';
import { origins } from '../../src/store/origins.ts';
import { history } from '../../tools/seed/history.ts';
import { openEmptyLog } from '../../tools/seed/log.ts';
import { write } from '../../tools/seed/writing.ts';
import { until } from '../support/checkers/waiting.ts';
import {
  call,
  type HttpAnswer,
  makeCircle,
  messagesOf,
  type Person,
  patiently,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import { runOshi } from '../support/fixtures/server-process.ts';
import { type EngineName, openStage, type ServerStage } from '../support/fixtures/server-stage.ts';
import { describeWithMongodb, testWithServers } from '../support/fixtures/servers.ts';
import { withStore } from '../support/fixtures/stage-store.ts';

const timeout = 240_000;

const stageOf = async (engine: EngineName): Promise<ServerStage> => {
  const stage = await openStage(engine);
  onTestFinished(() => stage.close());
  return stage;
};

type Raw = Readonly<Record<string, unknown>>;

/** What mongosh shows. */
const inMongodb = async <T>(
  { env }: ServerStage,
  use: (find: (collection: string) => Promise<Raw[]>) => Promise<T>,
): Promise<T> => {
  const client = new MongoClient(env.OSHI_MONGODB_URL ?? '');
  try {
    return await use((collection) => client.db().collection(collection).find().toArray());
  } finally {
    await client.close();
  }
};

/** The paths of numbers that look like times: of this decade, in ms. */
const timesAsNumbers = (value: unknown, path: string): string[] => {
  if (typeof value === 'number') return value > 1.5e12 && value < 1.9e12 ? [path] : [];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([field, each]) => timesAsNumbers(each, `${path}.${field}`));
};

const datedNow = builtIn.filter(({ hasOnlyDatesNew }) => hasOnlyDatesNew);
const earlierNames = datedNow.flatMap(({ earlier }) => (earlier ? collectionOf(earlier) : []));
/** The models of the version with numbers. */
const earlierOnes = builtIn.map((each) => each.earlier ?? each);

describeWithMongodb('times in MongoDB', () => {
  testWithServers(
    'are dates in every read model, and numbers to clients',
    { timeout },
    async () => {
      const stage = await stageOf('cluster');
      const { url, stop } = await stage.server();
      const ann = await register(url);
      const circle = await makeCircle(ann, []);
      const posted = await post(ann, circle, { text: 'Hello' });
      const { id, at = 0 } = posted.body;
      const edit = { text: 'Hello, all' };
      expect((await ann.call(`PATCH ${messagesOf(circle)}/${id}`, edit)).status).toBe(200);
      const invites = `/v1/circles/${circle}/invites`;
      const limited = await ann.call(`POST ${invites}`, { expiresIn: 86_400_000 });
      const unlimited = await ann.call(`POST ${invites}`, { expiresIn: 0 });
      expect([limited.status, unlimited.status]).toEqual([201, 201]);

      const [read] = (await ann.call(`GET ${messagesOf(circle)}`)).body.messages ?? [];
      expect(read).toMatchObject({ id, at, text: 'Hello, all', editedAt: expect.any(Number) });
      const listed = (await ann.call(`GET ${invites}`)).body.invites ?? [];
      expect(listed.map(({ expiresAt }) => typeof expiresAt)).toEqual(['undefined', 'number']);
      await stop();

      await inMongodb(stage, async (find) => {
        const [message] = await find(collectionOf(messages));
        expect(message).toMatchObject({
          at: new Date(at),
          edited: { at: new Date(read?.editedAt ?? 0) },
        });
        const untils = (await find('invites_v2')).map(({ until: end }) =>
          (end as Date).toISOString(),
        );
        expect(untils).toContain('9999-12-31T23:59:59.999Z');
        expect(untils).toContain(new Date(listed[1]?.expiresAt ?? 0).toISOString());
        for (const name of builtIn.map(collectionOf)) {
          const documents = await find(name);
          expect(documents.flatMap((each) => timesAsNumbers(each, name))).toEqual([]);
        }
      });
    },
  );
});

/** Leaves a history, and the read models that a program of the version before would have left. */
const leaveEarlier = async (stage: ServerStage): Promise<void> => {
  const { log, close } = await openEmptyLog(configOf(stage.env));
  await write(log, history({ events: 20_000, seed: 1 }), () => undefined);
  await withStore(stage, async (store) => {
    const clocks = { now: wallClock, monotonic };
    const onError = (error: Error): void => {
      throw error;
    };
    const say = (): void => undefined;
    const projections = earlierOnes;
    const { runner, stop } = await serveModels({
      ...{ log, store, projections, say, onError, ...clocks },
    });
    await runner.caughtUp();
    await stop();
  });
  await close();
};

/** Asks for what every model with times is needed for, each again while the server is too busy. */
const readAll = async (ann: Person, circle: string): Promise<HttpAnswer[]> => {
  const s = `/v1/circles/${circle}`;
  const paths = ['/v1/me', '/v1/sessions', s, `${s}/members`, `${s}/invites`, `${s}/audit`];
  const said = [`${messagesOf(circle)}?at=${wallClock()}`, messagesOf(circle)];
  return Promise.all([...paths, ...said].map((path) => patiently(() => ann.call(`GET ${path}`))));
};

/** What is being built once the server is ready; never something that cannot be read meanwhile. */
const buildingAt = async (url: string): Promise<Building | undefined> => {
  const { body } = await patiently(() => call(url, 'GET /readyz'));
  const { building } = body as { building?: Building };
  expect(building?.models ?? []).toEqual([]);
  return building;
};

/** Posts and reads until everything is built; the texts, and how often all was read before. */
const talkMeanwhile = async (url: string, ann: Person, circle: string) => {
  const texts: string[] = [];
  let reads = 0;
  await until(async () => {
    const text = `Message ${texts.length}`;
    const posted = await patiently(() => post(ann, circle, { text }));
    expect(posted.status).toBe(201);
    texts.push(text);
    const answers = await readAll(ann, circle);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.at(-1)?.body.messages?.at(-1)?.text).toBe(text);
    if (!(await buildingAt(url))) return true;
    reads++;
    return false;
  });
  return { texts, reads };
};

const addUpgrade = (on: typeof test | typeof testWithServers, engine: EngineName): void => {
  on(
    `what the version with numbers has left is read until there are dates (${engine})`,
    { timeout },
    async () => {
      const stage = await stageOf(engine);
      await leaveEarlier(stage);
      const { url, stop } = await stage.server();
      expect((await buildingAt(url)) === undefined).toBe(engine === 'embedded');
      const ann = await register(url);
      const circle = uuid7();
      const made = await patiently(() =>
        ann.call(`PUT /v1/circles/${circle}`, { name: 'Tea', visibility: 'public' }),
      );
      expect(made.status).toBe(201);
      const { texts, reads } = await talkMeanwhile(url, ann, circle);
      expect(reads > 0).toBe(engine === 'cluster');
      await until(async () => (await rowsLeft(stage)).length === 0);
      await stop();
      const verified = await runOshi(['verify'], stage.env);
      expect([verified.code, verified.stderr]).toEqual([0, '']);
      const again = await stage.restart();
      const { messages: rows = [] } = (
        await call(again.url, `GET ${messagesOf(circle)}`, { token: ann.token })
      ).body;
      expect(rows.map(({ text }) => text)).toEqual(texts.slice(-rows.length));
      if (engine === 'cluster') await expectDates(stage);
      else expect(await placesOf(stage)).toEqual(earlierNames);
    },
  );
};

/** The rows of the earlier versions. */
const rowsLeft = (stage: ServerStage): Promise<string[]> =>
  withStore(stage, async (store) => {
    return (await store.getMany(origins.name, earlierNames)).map(({ _id }) => _id);
  });

/** Where the documents of the models with times are. */
const placesOf = (stage: ServerStage): Promise<unknown[]> =>
  withStore(stage, (store) =>
    Promise.all(
      datedNow.map(async (each) => (await store.get(origins.name, collectionOf(each)))?.collection),
    ),
  );

const expectDates = (stage: ServerStage): Promise<void> =>
  inMongodb(stage, async (find) => {
    for (const model of datedNow) {
      const documents = await find(collectionOf(model));
      expect(documents.length, model.name).toBeGreaterThan(0);
      expect(documents.flatMap((each) => timesAsNumbers(each, model.name))).toEqual([]);
    }
    for (const name of earlierNames) expect(await find(name)).toEqual([]);
  });

describe('the upgrade to dates', () => {
  addUpgrade(test, 'embedded');
  addUpgrade(testWithServers, 'cluster');
});
