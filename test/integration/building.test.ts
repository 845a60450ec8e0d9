import { expect, onTestFinished, test } from 'vitest';
import { configOf } from '../../src/config.ts';
import type { Building } from '../../src/projections/building/building.ts';
import { history } from '../../tools/seed/history.ts';
import { openEmptyLog } from '../../tools/seed/log.ts';
import { write } from '../../tools/seed/writing.ts';
import { until } from '../support/checkers/waiting.ts';
import { call, makeCircle, messagesOf, post, register } from '../support/fixtures/server-people.ts';
import { type EngineName, openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

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

addTest(test, 'embedded');
addTest(testWithServers, 'cluster');
