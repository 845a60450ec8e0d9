import { onTestFinished } from 'vitest';
import { Reads } from '../../src/app/limits/reads.ts';
import { createExecutor, type Request } from '../../src/app/operations/executor.ts';
import type { MarkerMoved } from '../../src/app/operations/operation.ts';
import { ReadBarrier } from '../../src/app/read-barrier.ts';
import { openServerSecret } from '../../src/app/sessions/server-secret.ts';
import type { Caller } from '../../src/app/sessions/sessions.ts';
import type { CircleId, SessionId, UserId } from '../../src/events/ids.ts';
import { uuid7 } from '../../src/events/ids.ts';
import type { Vault } from '../../src/events/vault.ts';
import { builtIn, readModels, stateCollections } from '../../src/projections/read-models.ts';
import { startRunner } from '../../src/projections/runner/runner.ts';
import type { ReadStore } from '../../src/store/store.ts';
import { actorsStage } from './actors-stage.ts';
import { numbered } from './chatter.ts';
import { epochMs } from './given.ts';
import { memoryLog } from './memory-log.ts';
import { memoryStore } from './memory-store.ts';
import { memoryVault } from './memory-vault.ts';

/** Somebody with a session. */
export const caller = (user: number): Caller => ({
  ...{ user: numbered(user) as UserId, session: numbered(user + 500) as SessionId },
  ...{ createdAt: epochMs, seen: [] },
});

/** What a test says of a request: the rest follows from it. */
export type Sent = Pick<Request, 'op' | 'input'> & { readonly by?: Caller; readonly key?: string };

/** Everything between a wire and the log, in memory: actors, read models, and what runs commands. */
export const edgeStage = async ({
  rateLimits = false,
  dailyCommands = 0,
  readStore,
  vault = memoryVault(),
}: {
  readonly rateLimits?: boolean;
  readonly dailyCommands?: number;
  /** Where the read models are kept, if not in memory. */
  readonly readStore?: ReadStore;
  /** Where the secret of the installation is kept: another one makes another installation. */
  readonly vault?: Vault;
} = {}) => {
  const time = { ms: epochMs };
  const now = () => time.ms;
  const log = memoryLog();
  const store = memoryStore();
  const kept = readStore ?? store;
  await kept.prepare(stateCollections);
  const runner = await startRunner({ log, store: kept, projections: builtIn, collectMs: 0 });
  onTestFinished(() => runner.stop());
  const { actors } = actorsStage(log, { now });
  const models = readModels(kept);
  const barrier = new ReadBarrier(runner);
  const reads = new Reads({ now, worked: now, hasRate: rateLimits });
  const accounts = {
    ...{ accountOf: unused, register: unused, logIn: unused },
    ...{ changePassword: unused, logOut: unused },
  };
  const moved: MarkerMoved[] = [];
  const notifyRead = (each: MarkerMoved): void => void moved.push(each);
  const secret = await openServerSecret(vault, now);
  const deps = { actors, accounts, models, barrier, secret, now, notifyRead };
  const executor = createExecutor({
    ...{ deps, textMax: 4000, rateLimits, dailyCommands },
    monotonic: now,
  });
  const ada = caller(1);

  /** Sends a command; gives what is answered, or what it is refused with. */
  const send = async ({ op, input, by = ada, ...keyed }: Sent): Promise<unknown> => {
    try {
      const { body, created } = await executor.execute({ caller: by, op, input, ...keyed });
      return { created, ...(body && { body }) };
    } catch (error) {
      return (error as { problem?: unknown }).problem ?? error;
    }
  };

  /** How many events the log holds. */
  const length = async (): Promise<number> => {
    let events = 0;
    for await (const batch of log.scan(0)) {
      for (const { commit } of batch) events += commit.events.length;
    }
    return events;
  };

  const circle = numbered(100) as CircleId;
  /** A circle of Ada's, and the name of its stream. */
  const found = async () => {
    await send({ op: 'create-circle', input: { id: circle, name: 'Tea', visibility: 'public' } });
    return `${circle}/${circle}`;
  };
  const key = () => uuid7(now());
  return {
    time,
    log,
    store,
    models,
    barrier,
    reads,
    executor,
    actors,
    ada,
    send,
    length,
    circle,
    found,
    key,
    moved,
  };
};

const unused = (): Promise<never> => Promise.reject(new Error('nobody has an account here'));
