import { randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../tools/servers/place.ts';
import { type ServerProcess, startServer } from '../../tools/servers/server-process.ts';
import { until } from '../support/checkers/waiting.ts';
import { kitText } from '../support/fixtures/deploy-kit.ts';
import { makeCircle, post, register } from '../support/fixtures/server-people.ts';
import { startOshi } from '../support/fixtures/server-process.ts';
import { mongodbUrl, serverPrograms, testWithServers } from '../support/fixtures/servers.ts';

const NATS_PASSWORD = 'n0123456789abcdef';

/** One of the kit's three servers, on ports of its own instead of a machine of its own. */
const startMember = async (name: string, ports: readonly number[]): Promise<ServerProcess> => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-nats-'));
  const port = await freePort();
  const monitoring = await freePort();
  const routes = ports.map((each) => `"nats://127.0.0.1:${each}"`).join(', ');
  const config = kitText('nats/nats.conf')
    .replace('$NATS_NAME', name)
    .replace('$NATS_PASSWORD', NATS_PASSWORD)
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace('127.0.0.1:8222', `127.0.0.1:${monitoring}`)
    .replace('"/data"', JSON.stringify(join(dir, 'data')))
    .replace('0.0.0.0:6222', `127.0.0.1:${ports[Number(name.slice(-1)) - 1]}`)
    .replace(/(?<=routes: ).*/, `[${routes}]`);
  const file = join(dir, 'nats.conf');
  await writeFile(file, config);
  const server = await startServer({
    ...{ name, program: serverPrograms().nats, dir, dirIsTemporary: true, port },
    args: ['--config', file],
    url: `nats://127.0.0.1:${port}`,
  });
  // What the health check of compose.cluster.yaml asks.
  const isHealthy = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${monitoring}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(isHealthy, `${name} to be healthy`);
  return server;
};

/** What compose.cluster.yaml sets for Oshi. */
const clusterEnvironment = (): Readonly<Record<string, string>> =>
  parse(kitText('compose.cluster.yaml'), { merge: true }).services['oshi-1'].environment;

testWithServers(
  'on three NATS servers with three replicas, posts go on without one of them',
  async () => {
    const ports = await Promise.all([1, 2, 3].map(() => freePort()));
    const servers = ['nats-1', 'nats-2', 'nats-3'];
    const members = await Promise.all(servers.map((name) => startMember(name, ports)));
    const [first, ...others] = members.map(({ port }) => `127.0.0.1:${port}`);
    const env = {
      OSHI_PORT: `${await freePort()}`,
      OSHI_NATS_URL: [`nats://oshi:${NATS_PASSWORD}@${first}`, ...others].join(','),
      OSHI_MONGODB_URL: `${mongodbUrl()}/kit-${randomUUID().slice(0, 8)}`,
    };
    // As before the setting existed.
    const earlier = await startOshi(env);
    await earlier.stop();
    const names = ['OSHI_EV_0 to OSHI_EV_31', 'OSHI_CX', 'KV_OSHI_VAULT', 'KV_OSHI_NODES'];
    for (const name of names) {
      expect(earlier.stdout()).toMatch(new RegExp(`Of .*${name}.* has one copy`));
    }
    const { OSHI_NATS_REPLICAS = '' } = clusterEnvironment();
    const oshi = await startOshi({ ...env, OSHI_NATS_REPLICAS });
    try {
      for (const name of names)
        expect(oshi.stdout()).toMatch(new RegExp(`are now .*${name}.* \\(before: 1\\)`));
      expect(oshi.stdout()).not.toContain('has one copy');
      const ann = await register(oshi.url);
      const circle = await makeCircle(ann);
      await members[0]?.kill();
      const posted = async (): Promise<boolean> =>
        (await post(ann, circle, { text: 'still here' })).status === 201;
      await until(posted, 'a post on two of three servers');
    } finally {
      await oshi.kill();
      await Promise.all(members.map((member) => member.stop()));
    }
  },
);
