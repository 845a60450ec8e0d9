import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { configOf } from '../../src/config.ts';
import { start } from '../../src/main.ts';
import { Resources } from '../../src/runtime/resources.ts';
import { until } from '../support/checkers/waiting.ts';
import { type EngineName, openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

const logger = pino({ level: 'silent' });

/** What keeps this process alive, in order. */
const alive = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== 'Immediate' && kind !== 'TickObject' && !kind.startsWith('FS'))
    .sort();

const failed = new Error('a step of the start has failed');

/** Lets the step after the `steps`-th resource fail; gives how many were acquired. */
const failAfter = (steps: number) => {
  const { add } = Resources.prototype;
  const counted = { acquired: 0 };
  const spy = vi.spyOn(Resources.prototype, 'add').mockImplementation(function (
    this: Resources,
    resource: unknown,
    release: (resource: never) => unknown,
  ) {
    counted.acquired++;
    add.call(this, resource, release as never);
    if (counted.acquired === steps) throw failed;
    return resource;
  } as typeof add);
  return { counted, restore: () => spy.mockRestore() };
};

const startFails = async (engine: EngineName): Promise<void> => {
  const stage = await openStage(engine, { OSHI_PORT: '0' });
  onTestFinished(() => stage.close());
  const config = configOf(stage.env);
  const options = { config, logger, say: () => {} };
  const pipes = (): number => alive().filter((kind) => kind.startsWith('Pipe')).length;
  const pipesBefore = pipes();
  await (await start(options)).close();
  const hasSockets = (): boolean => alive().some((kind) => kind.startsWith('TCP'));
  await until(async () => !hasSockets() && pipes() === pipesBefore);
  const before = alive();
  const stepsMin = 12;
  for (let steps = 1; ; steps++) {
    const { counted, restore } = failAfter(steps);
    const outcome = await start(options).catch((error: unknown) => error);
    restore();
    if (outcome !== failed) {
      // No step is left: the server runs, on what all the failed starts have left.
      expect(outcome).toMatchObject({ url: expect.stringMatching(/^http/) });
      expect(counted.acquired).toBeGreaterThanOrEqual(stepsMin);
      await (outcome as Awaited<ReturnType<typeof start>>).close();
      return;
    }
    await until(async () => alive().join() === before.join(), `step ${steps}`);
  }
};

test('a start that fails at any step releases what it had acquired (embedded)', () =>
  startFails('embedded'));

testWithServers('a start that fails at any step releases what it had acquired (cluster)', () =>
  startFails('cluster'),
);

test('a start whose port is in use leaves the data folder to the next one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-start-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const options = { logger, say: () => {} };
  const first = await start({
    config: configOf({ OSHI_DATA_DIR: join(dir, 'a'), OSHI_PORT: '0' }),
    ...options,
  });
  const config = configOf({
    OSHI_DATA_DIR: join(dir, 'b'),
    OSHI_PORT: new URL(first.url).port,
  });
  await expect(start({ config, ...options })).rejects.toThrow(/is in use/);
  await first.close();
  const second = await start({ config, ...options });
  await second.close();
});
