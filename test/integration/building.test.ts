import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import { configOf } from '../../src/config.ts';
import type { Building } from '../../src/projections/building/building.ts';
import { messages } from '../../src/projections/models/messages.ts';
import { collectionOf } from '../../src/projections/projection.ts';
import { originOf, origins } from '../../src/store/origins.ts';
import { history } from '../../tools/seed/history.ts';
import { openEmptyLog } from '../../tools/seed/log.ts';
import { write } from '../../tools/seed/writing.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import { type EngineName, openStage, type ServerStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';
import { withStore } from '../support/fixtures/stage-store.ts';

const timeout = 240_000;

/** A log that takes some seconds to build the read models from. */
const events = 40_000;

const stageWithHistory = async (engine: EngineName) => {
  const stage = await openStage(engine);
  onTestFinished(() => stage.close());
  const { log, close } = await openEmptyLog(configOf(stage.env));
  await write(log, history({ events, seed: 1 }), () => undefined);
  await close();
  return stage;
};

const readiness = async (url: string) => {
  const { status, body } = await call(url, 'GET /readyz');
  const { building } = body as { building?: Building };
  return { status, building };
};

const addTest = (on: typeof test | typeof testWithServers, engine: EngineName): void => {
  on(
    `users chat while all read models are being built, and /readyz shows how far (${engine})`,
    {
      timeout,
    },
    async () => {
      const stage = await stageWithHistory(engine);
      const { url, kill } = await stage.server();
      const seen: Building[] = [];
      const isReady = async (): Promise<boolean> => {
        const { status, building } = await readiness(url);
        if (building) seen.push(building);
        expect(status === 200 && building).toBeFalsy();
        return status === 200;
      };
      expect(await isReady()).toBe(false);

      const ann = await register(url);
      const circle = await makeCircle(ann, []);
      expect((await post(ann, circle, { text: 'Meanwhile' })).status).toBe(201);
      await kill();
      await stage.restart();
      // Until everything can be read, nothing is that may be incomplete.
      await until(async () => {
        const { status, body } = await ann.call(`GET ${messagesOf(circle)}`);
        if (status === 503) return false;
        expect(status).toBe(200);
        expect(body.messages?.map(({ text }) => text)).toEqual(['Meanwhile']);
        return true;
      });
      await until(isReady);
      expect(seen.length).toBeGreaterThan(0);
      for (const { applied, total } of seen) expect(applied).toBeLessThan(total);

      await (await stage.server()).kill();
      const again = await stage.restart();
      expect((await readiness(again.url)).status).toBe(200);
    },
  );
};

const logical = collectionOf(messages);
/** One that this version does not read. */
const earlier = collectionOf({ ...messages, version: 1 });

/** Leaves what a program with an earlier version of `messages` would have left. */
const leaveEarlier = (stage: ServerStage): Promise<void> =>
  withStore(stage, async (store) => {
    const incarnation = await originOf(store, logical);
    await store.drop(logical);
    await store.remove(origins.name, logical);
    await store.put(origins.name, { _id: earlier, incarnation });
    await store.prepare([{ name: earlier, indexes: [] }]);
    await store.put(earlier, { _id: 'a message' });
  });

/** Posts one message after the other until told to stop, and returns the texts. */
const keepPosting = (ann: Person, circle: string) => {
  const posted: string[] = [];
  const state = { isOver: false };
  const posting = (async () => {
    while (!state.isOver) {
      const text = `Message ${randomUUID()}`;
      expect((await post(ann, circle, { text })).status).toBe(201);
      posted.push(text);
    }
  })();
  return async (): Promise<readonly string[]> => {
    state.isOver = true;
    await posting;
    return posted;
  };
};

const addUpgrade = (on: typeof test | typeof testWithServers, engine: EngineName): void => {
  on(
    `a raised version of a model is built while users chat and read the others (${engine})`,
    {
      timeout,
    },
    async () => {
      const stage = await stageWithHistory(engine);
      const { url, stop } = await stage.server();
      const isReady = async (): Promise<boolean> => (await readiness(url)).status === 200;
      const ann = await register(url);
      const circle = await makeCircle(ann, []);
      await until(isReady);
      await stop();
      await leaveEarlier(stage);

      const server = await stage.restart();
      const first = await readiness(url);
      expect([first.status, first.building?.models]).toEqual([503, ['messages']]);
      const stopPosting = keepPosting(ann, circle);
      const [members, page] = await Promise.all([
        ann.call(`GET /v1/circles/${circle}/members`),
        ann.call(`GET ${messagesOf(circle)}`),
      ]);
      expect([members.status, page.status]).toEqual([200, 503]);
      const before = await stopPosting();
      await server.kill();

      await stage.restart();
      const stopPostingAgain = keepPosting(ann, circle);
      await until(isReady);
      const texts = [...before, ...(await stopPostingAgain())];
      const newest = texts.slice(-limits.pageMax);
      const { messages: rows = [] } = (
        await ann.call(`GET ${messagesOf(circle)}?limit=${limits.pageMax}`)
      ).body;
      expect(rows.map(({ text }) => text)).toEqual(newest);

      const left = (): Promise<unknown> =>
        withStore(stage, async (store) => [
          await store.get(origins.name, earlier),
          await store.get(earlier, 'a message'),
        ]);
      await until(async () => JSON.stringify(await left()) === '[null,null]');
      await (await stage.server()).stop();
      const verified = await runCommand(['verify'], stage.env);
      expect([verified.code, verified.stderr]).toEqual([0, '']);
    },
  );
};

for (const add of [addTest, addUpgrade]) {
  add(test, 'embedded');
  add(testWithServers, 'cluster');
}
