import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, type TestOptions, test } from 'vitest';
import { freePort } from '../../tools/servers/place.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { type Environment, type OshiServer, startOshi } from './server-process.ts';
import { mongodbUrl, startOwnNats, testWithServers } from './servers.ts';

export type EngineName = 'embedded' | 'cluster';

/** One engine with data of its own, and the server on it, which a test may start as often as it likes. */
export type ServerStage = {
  readonly engine: EngineName;
  /** A folder of the stage's own; the embedded engine keeps its data in it. */
  readonly dir: string;
  /** The nats-server of the cluster engine. */
  readonly nats: ServerProcess | undefined;
  /** What a process needs to work on this data. */
  readonly env: Environment;
  /** The server that was started last; starts the first one. */
  server(): Promise<OshiServer>;
  /** Starts another one on the same data and port; whatever ran has ended before. */
  restart(more?: Environment): Promise<OshiServer>;
  /** Ends all of it and forgets the data. */
  close(): Promise<void>;
};

/** No rate limits, and errors alone on standard error. */
const common = { OSHI_RATE_LIMITS: 'off', OSHI_LOG_LEVEL: 'error' };

const placeOf = async (engine: EngineName, dir: string) => {
  if (engine === 'embedded') return { env: { OSHI_DATA_DIR: dir }, nats: undefined };
  // The log's streams have fixed names on a server, so each stage has a nats-server of its own.
  const nats: ServerProcess = await startOwnNats();
  const database = `stage-${randomUUID().slice(0, 8)}`;
  const env = { OSHI_NATS_URL: nats.url, OSHI_MONGODB_URL: `${mongodbUrl()}/${database}` };
  return { env, nats };
};

/** Prepares an engine with nothing in it. */
export const openStage = async (
  engine: EngineName,
  more: Environment = {},
): Promise<ServerStage> => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-stage-'));
  const place = await placeOf(engine, dir);
  // The same at each start, so that whoever is connected finds the server again.
  const OSHI_PORT = `${await freePort()}`;
  const env = { ...common, OSHI_PORT, ...place.env, ...more };
  let running: Promise<OshiServer> | undefined;
  const restart = async (extra: Environment = {}): Promise<OshiServer> => {
    running = startOshi({ ...env, ...extra });
    return running;
  };
  return {
    engine,
    dir,
    nats: place.nats,
    env,
    server: () => running ?? restart(),
    restart,
    async close() {
      await running?.then(
        (server) => server.kill(),
        () => undefined,
      );
      await place.nats?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

/** What a test on an engine is told. */
export type OnStage = { readonly stage: ServerStage; readonly url: string };

type Body = (on: OnStage) => Promise<void>;
type Options = TestOptions & {
  /** The engines on which a fault that is known makes the test fail. */
  readonly failsOn?: readonly EngineName[];
};
type Adder = (title: string, body: Body, options?: Options) => void;

/**
 * Adds each test twice: on the embedded engine, and on the cluster engine where its servers can be had. All tests
 * of a file share one stage of each engine and run side by side, so each makes its own people and circles.
 */
export const testOnEngines = (more: Environment = {}): Adder => {
  const stages = new Map<EngineName, Promise<ServerStage>>();
  const stageOf = (engine: EngineName): Promise<ServerStage> => {
    const known = stages.get(engine) ?? openStage(engine, more);
    stages.set(engine, known);
    return known;
  };
  afterAll(async () => {
    for (const stage of stages.values()) await (await stage).close();
  });
  return (title, body, { failsOn = [], ...options } = {}) => {
    const add = (on: typeof testWithServers, engine: EngineName): void => {
      const chosen = { ...options, fails: failsOn.includes(engine) };
      on.concurrent(`${title} (${engine})`, chosen, async () => {
        const stage = await stageOf(engine);
        const { url } = await stage.server();
        await body({ stage, url });
      });
    };
    add(test, 'embedded');
    add(testWithServers, 'cluster');
  };
};

/** Adds each test twice, each time on a stage of its own, one after the other. */
export const testOnOwnStages =
  (more: Environment = {}): Adder =>
  (title, body, { failsOn = [], ...options } = {}) => {
    const add = (on: typeof testWithServers, engine: EngineName): void => {
      const chosen = { ...options, fails: failsOn.includes(engine) };
      on(`${title} (${engine})`, chosen, async () => {
        const stage = await openStage(engine, more);
        try {
          const { url } = await stage.server();
          await body({ stage, url });
        } finally {
          await stage.close();
        }
      });
    };
    add(test, 'embedded');
    add(testWithServers, 'cluster');
  };
