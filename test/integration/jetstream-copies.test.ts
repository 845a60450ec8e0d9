import { afterEach, expect } from 'vitest';
import { freePort } from '../../tools/servers/place.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { until } from '../support/checkers/waiting.ts';
import { logFixture } from '../support/fixtures/jetstream-fixture.ts';
import { natsUrl, startOwnNats, testWithNats } from '../support/fixtures/servers.ts';

let servers: ServerProcess[] = [];
const fixture = logFixture();

afterEach(async () => {
  await fixture.close();
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

/** Three nats-servers that know each other. */
const startCluster = async (): Promise<string> => {
  const ports = await Promise.all([1, 2, 3].map(() => freePort()));
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  servers = await Promise.all(
    ports.map((port, index) =>
      startOwnNats({
        extraConfig: `server_name: "n${index}"\ncluster { name: "three", listen: "127.0.0.1:${port}", routes: [${routes}] }`,
      }),
    ),
  );
  return servers.map(({ url }) => url).join(',');
};

testWithNats('one copy on a cluster of servers is told at the start, three are not', async () => {
  const url = await startCluster();
  const warnings: string[] = [];
  const onWarning = (line: string): void => void warnings.push(line);
  const open = async (replicas?: number) => {
    warnings.length = 0;
    return fixture.open(url, { partitions: 2, onWarning, ...(replicas && { replicas }) });
  };
  // Until it has a leader, the cluster takes no streams.
  await until(
    () =>
      open().then(
        () => true,
        () => false,
      ),
    'the cluster to have a leader',
  );
  const names = [0, 1].map((partition) => `${fixture.prefix}_OSHI_EV_${partition}`);
  const line = `Of ${names.join(', ')} the NATS cluster has one copy: if a server's disk is lost, so are events. Give each stream three: nats stream edit ${names[0]} --replicas 3, and so on.`;
  const { nc } = await open();
  expect(warnings).toEqual([line]);
  for (const name of names) {
    const info = await nc.request(`$JS.API.STREAM.INFO.${name}`);
    const { config } = info.json<{ config: object }>();
    const update = JSON.stringify({ ...config, num_replicas: 3 });
    const answer = await nc.request(`$JS.API.STREAM.UPDATE.${name}`, update, { timeout: 10_000 });
    expect(answer.json()).not.toHaveProperty('error');
  }
  await open();
  expect(warnings).toEqual([]);
});

testWithNats('a server that stands alone has no more than one copy to give', async () => {
  const warnings: string[] = [];
  await fixture.open(natsUrl(), { onWarning: (line) => warnings.push(line) });
  expect(warnings).toEqual([]);
});
