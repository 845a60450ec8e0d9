import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect } from 'vitest';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { eventually } from '../support/fixtures/jetstream-fixture.ts';
import { serverPrograms, testWithServers } from '../support/fixtures/servers.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-servers-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const start = (stderr: 'ignore' | 'pipe' = 'ignore'): ChildProcess => {
  const { nats, mongod } = serverPrograms();
  return spawn(process.execPath, ['--import', 'tsx', 'tools/servers.ts', '--dir', dir], {
    env: { OSHI_NATS_SERVER: nats, OSHI_MONGOD: mongod },
    stdio: ['ignore', 'pipe', stderr],
  });
};

/** Runs `npm run servers` and resolves with the addresses that it prints. */
const run = async (): Promise<{ child: ChildProcess; nats: string; mongodb: string }> => {
  const child = start();
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    if (lines.push(line) === 2) break;
  }
  const [first = '', mongodb = ''] = lines;
  expect(first).toMatch(/^export OSHI_NATS_URL=nats:/);
  expect(mongodb).toMatch(/^export OSHI_MONGODB_URL=mongodb:/);
  return { child, nats: first.split('=')[1] ?? '', mongodb: mongodb.split('=')[1] ?? '' };
};

const answers = async (nats: string, mongodb: string): Promise<boolean> => {
  const client = new MongoClient(mongodb, { serverSelectionTimeoutMS: 500 });
  try {
    await client.db().command({ ping: 1 });
    await (await connectNats(nats)).nc.close();
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
};

testWithServers.for(['SIGINT', 'SIGKILL'] as const)(
  'both servers run, and end when their parent ends by %s',
  async (signal) => {
    const { child, nats, mongodb } = await run();
    expect(await answers(nats, mongodb)).toBe(true);
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = await exit;
    if (signal === 'SIGINT') expect(code).toBe(0);
    await eventually(() => answers(nats, mongodb)).toBe(false);
  },
);

testWithServers('two on one folder would spoil it: the second is refused', async () => {
  const { child } = await run();
  const second = start('pipe');
  expect(await text(second.stderr as Readable)).toMatch(
    / is in use by another process, \d+\. Stop/,
  );
  expect(second.exitCode ?? (await once(second, 'exit'))[0]).toBe(1);
  child.kill('SIGINT');
  await once(child, 'exit');
});
