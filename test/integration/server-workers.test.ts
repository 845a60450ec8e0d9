import { afterEach, expect, test } from 'vitest';
import { partitionsDefault } from '../../src/engine/cluster/jetstream-log/family.ts';
import { isProcessAlive } from '../../src/runtime/processes.ts';
import { freePort } from '../../tools/servers/place.ts';
import { childrenOf } from '../support/fixtures/processes.ts';
import { call, makeCircle, messagesOf, post, register } from '../support/fixtures/server-people.ts';
import { type OshiServer, runOshi, startOshi } from '../support/fixtures/server-process.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { openStage, type ServerStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

const stages: ServerStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});

/** Two workers on servers of their own. */
const startWorkers = async (more: Record<string, string> = {}) => {
  const stage = await openStage('cluster');
  stages.push(stage);
  const env = { ...stage.env, OSHI_PORT: '0', OSHI_WORKERS: '2', ...more };
  return { env, server: await startOshi(env) };
};

/** A number of each worker in the metrics. */
const ofWorkers = async (url: string, name: string): Promise<Record<string, number>> => {
  const { text } = await call(url, 'GET /metrics');
  const lines = text.matchAll(new RegExp(`^${name}\\{worker="(\\d+)"\\} (\\S+)$`, 'gm'));
  return Object.fromEntries([...lines].map(([, worker, value]) => [worker, Number(value)]));
};

const isOver = async (pids: readonly number[]): Promise<void> => {
  await expect.poll(() => pids.filter(isProcessAlive), { timeout: 20_000 }).toEqual([]);
};

/** A connection to each worker: the primary process hands them out in turn. */
const socketsOf = async (server: OshiServer, person: Parameters<typeof TestSocket.greet>[1]) => {
  const sockets: TestSocket[] = [];
  const counts = async () => Object.values(await ofWorkers(server.url, 'oshi_connections'));
  while ((await counts()).some((count) => count === 0)) {
    sockets.push(await TestSocket.greet(server.url, person));
  }
  return sockets;
};

testWithServers('two workers serve behind one port, and any has the metrics of both', async () => {
  const { server } = await startWorkers();
  const lines = server.stdout().trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(
    /^Oshi listens on http:\/\/127\.0\.0\.1:\d+ \(cluster engine, data on the servers, 2 workers\)$/,
  );
  expect(new Set(lines).size).toBe(lines.length);
  expect(await ofWorkers(server.url, 'oshi_nodes')).toEqual({ 1: 2, 2: 2 });
  const half = partitionsDefault / 2;
  await expect
    .poll(() => ofWorkers(server.url, 'oshi_partitions'), { timeout: 30_000 })
    .toEqual({ 1: half, 2: half });
  const ann = await register(server.url);
  const circle = await makeCircle(ann);
  const sockets = await socketsOf(server, ann);
  for (const socket of sockets) await socket.subscribe(`${circle}/${circle}`);
  expect((await post(ann, circle)).status).toBe(201);
  for (const socket of sockets) {
    await socket.until(({ e }) => e?.some(({ k }) => k === 'message-posted') ?? false);
  }
  const ending = await server.stop();
  expect(ending).toMatchObject({ code: 0, stderr: '' });
  expect(ending.stdout.trimEnd().split('\n').slice(lines.length)).toEqual(['SIGTERM: stopping']);
});

testWithServers('a worker that is killed is replaced, and the others serve meanwhile', async () => {
  const { server } = await startWorkers();
  const ann = await register(server.url);
  const circle = await makeCircle(ann);
  const sockets = await socketsOf(server, ann);
  const before = await childrenOf(server.pid);
  expect(before).toHaveLength(2);
  const [killed = 0] = before;
  process.kill(killed, 'SIGKILL');
  await server.said(
    new RegExp(`worker 1 \\(process ${killed}\\) was ended by SIGKILL; it is repl`),
  );
  // A connection of the one that was killed is lost; those of the other one are not.
  await Promise.any(sockets.map(({ closed }) => closed));
  expect((await ann.call('GET /v1/me')).status).toBe(200);
  await expect.poll(async () => (await post(ann, circle)).status, { timeout: 20_000 }).toBe(201);
  await expect
    .poll(() => ofWorkers(server.url, 'oshi_nodes'), { timeout: 30_000 })
    .toEqual({ 1: 2, 2: 2 });
  expect((await ann.call(`GET ${messagesOf(circle)}`)).body.messages).toHaveLength(1);
  const after = await childrenOf(server.pid);
  expect([after.length, after.includes(killed)]).toEqual([2, false]);
  expect(await server.stop('SIGINT')).toMatchObject({ code: 0 });
  await isOver([...before, ...after]);
});

testWithServers('no worker outlives the primary process', async () => {
  const { server, env } = await startWorkers();
  const workers = await childrenOf(server.pid);
  await server.kill();
  await isOver(workers);
  // What they ran is free for the next.
  const next = await startOshi(env);
  expect(await ofWorkers(next.url, 'oshi_nodes')).toEqual({ 1: 2, 2: 2 });
  await makeCircle(await register(next.url));
  expect(await next.stop()).toMatchObject({ code: 0 });
});

testWithServers('a worker that is stuck is killed in the end, and the code is 1', async () => {
  const { server } = await startWorkers();
  const workers = await childrenOf(server.pid);
  process.kill(workers[1] ?? 0, 'SIGSTOP');
  const { code, stderr } = await server.stop();
  expect([code, stderr]).toEqual([1, expect.stringMatching(/the shutdown took too long/)]);
  await isOver(workers);
});

testWithServers('an error of the start is reported once, with its code', async () => {
  const stage = await openStage('cluster');
  stages.push(stage);
  const env = { ...stage.env, OSHI_WORKERS: '2' };
  const holder = await startOshi({ ...stage.env, OSHI_PORT: `${await freePort()}` });
  const { code, stdout, stderr } = await runOshi(['start'], {
    ...env,
    OSHI_PORT: new URL(holder.url).port,
  });
  expect([code, stdout]).toEqual([1, expect.not.stringContaining('listens')]);
  expect(stderr).toMatch(/^oshi: port \d+ of 127\.0\.0\.1 is in use; [^\n]+\n$/);
  await holder.stop();
});

test('several workers on files are refused, with what to do', async () => {
  const { code, stderr } = await runOshi(['start', '--workers', '3'], { OSHI_PORT: '0' });
  expect([code, stderr]).toEqual([
    1,
    'oshi: OSHI_WORKERS is "3"; it must be 1 or auto on files, which one process uses: set OSHI_NATS_URL and OSHI_MONGODB_URL for more\n',
  ]);
});
