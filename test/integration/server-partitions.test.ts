import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { metricOf } from '../support/fixtures/server-nodes.ts';
import { makeCircle, post, register } from '../support/fixtures/server-people.ts';
import { type Environment, runOshi, startOshi } from '../support/fixtures/server-process.ts';
import { openStage } from '../support/fixtures/server-stage.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

const started = async (env: Environment, wanted: string) => {
  const server = await startOshi({ ...env, OSHI_PORT: '0', OSHI_PARTITIONS: wanted });
  return { server, partitions: await metricOf(server.url, 'oshi_partitions') };
};

testWithServers('a log keeps the number of its partitions; another one is reported', async () => {
  const stage = await openStage('cluster');
  const first = await started(stage.env, '5');
  expect([first.partitions, first.server.stdout()]).toEqual([
    5,
    expect.not.stringContaining('OSHI_PARTITIONS'),
  ]);
  await first.server.stop();
  const second = await started(stage.env, '3');
  expect([second.partitions, second.server.stdout()]).toEqual([
    5,
    expect.stringMatching(/^OSHI_PARTITIONS is 3 and has no effect: .* with 5, which/m),
  ]);
  await second.server.stop();
  await stage.close();
});

testWithServers('a backup is restored into the wanted number of partitions', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-partitions-'));
  const secret = join(dir, 'passphrase');
  await writeFile(secret, 'correct horse battery staple');
  const words = ['--passphrase-file', secret, join(dir, 'backup')];
  const [from, to] = [await openStage('cluster'), await openStage('cluster')];
  const { server } = await started(from.env, '7');
  const circle = await makeCircle(await register(server.url));
  await server.stop();
  expect(await runOshi(['backup', ...words], from.env)).toMatchObject({ code: 0 });
  const env = { ...to.env, OSHI_PARTITIONS: '2' };
  expect(await runOshi(['restore', ...words], env)).toMatchObject({ code: 0 });
  const restored = await started(to.env, '2');
  expect(restored.partitions).toBe(2);
  const ben = await register(restored.server.url, 'ben');
  await ben.call(`PUT /v1/circles/${circle}/members/me`, {});
  expect((await post(ben, circle)).status).toBe(201);
  await restored.server.stop();
  for (const stage of [from, to]) await stage.close();
  await rm(dir, { recursive: true });
});
