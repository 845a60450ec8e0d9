import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from './people.ts';
import { type Subject, startProgram } from './process.ts';
import { startOwnMongod, startOwnNats } from './servers.ts';

export type EngineName = 'embedded' | 'cluster';

/** Where one engine keeps its data during a scenario. */
export type Place = {
  readonly engine: EngineName;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly natsUrl?: string;
  readonly mongodbUrl?: string;
  remove(): Promise<void>;
};

/** Fresh data: a folder of its own, and for the cluster engine servers of its own on it. */
export const freshPlace = async (engine: EngineName): Promise<Place> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'oshi-bench-'));
  const clear = () => rm(dataDir, { recursive: true, force: true });
  const common = { OSHI_PORT: '0', OSHI_RATE_LIMITS: 'off', OSHI_LOG_LEVEL: 'error' };
  if (engine === 'embedded') {
    return { engine, dataDir, env: { ...common, OSHI_DATA_DIR: dataDir }, remove: clear };
  }
  const nats = await startOwnNats(join(dataDir, 'nats'));
  const mongod = await startOwnMongod(join(dataDir, 'mongod'));
  const natsUrl = nats.url;
  const mongodbUrl = `${mongod.url}/oshi`;
  return {
    engine,
    dataDir,
    natsUrl,
    mongodbUrl,
    env: { ...common, OSHI_NATS_URL: natsUrl, OSHI_MONGODB_URL: mongodbUrl },
    async remove() {
      await mongod.stop();
      await nats.stop();
      await clear();
    },
  };
};

/** The server as people run it, in a process of its own. */
export const startOshi = (place: Place): Promise<Subject> =>
  startProgram(['dist/cli/oshi.js', 'start'], place.env);

/** What `ask` gives, once it gives something and does not fail. */
const given = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** A server, once it has built all its read models from the log; who may register then; how long that took, in s. */
export const startBuilt = async (place: Place) => {
  const begun = performance.now();
  const server = await startOshi(place);
  // Whoever may register already need not be able to read: another partition may be longer than theirs.
  const owner = await given(() => register(server.url));
  await given(async () => {
    const figures = await (await fetch(`${server.url}/metrics`)).text();
    return /^oshi_projection_lag_commits 0$/m.exec(figures) ?? undefined;
  });
  return { server, owner, seconds: (performance.now() - begun) / 1000 };
};
