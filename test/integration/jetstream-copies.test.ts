import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, expect } from 'vitest';
import { Link } from '../../src/engine/cluster/jetstream-log/link.ts';
import { bucketStream, openBucket } from '../../src/engine/cluster/kv-bucket.ts';
import { inspectNats } from '../../src/engine/cluster/nats-inspection.ts';
import { settleReplicas } from '../../src/engine/cluster/replicas.ts';
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

/** Settles the copies of the log's streams, as a start does; what was reported. */
const settle = async (nc: NatsConnection, streams: string[], replicas?: number) => {
  const lines: string[] = [];
  const link = new Link(nc);
  await settleReplicas(link, { streams, replicas, onWarning: (line) => lines.push(line) });
  link.close();
  return lines;
};

const copiesOf = async (nc: NatsConnection, streams: readonly string[]): Promise<number[]> => {
  const { streams: api } = await jetstreamManager(nc);
  return Promise.all(streams.map(async (name) => (await api.info(name)).config.num_replicas));
};

testWithNats('copies on a cluster are raised and lowered; one copy is reported', async () => {
  const url = await startCluster();
  // Until it has a leader, the cluster takes no streams.
  const open = () => fixture.open(url, { partitions: 2 });
  await until(
    () =>
      open().then(
        () => true,
        () => false,
      ),
    'the cluster to have a leader',
  );
  const { nc } = await open();
  const bucket = `${fixture.prefix}-vault`;
  await openBucket(nc, bucket);
  const names = [0, 1].map((partition) => `${fixture.prefix}_OSHI_EV_${partition}`);
  const all = [...names, bucketStream(bucket)];
  const oneCopy = `Of ${all.join(', ')} the NATS cluster has one copy: if a server's disk is lost, so is what they hold. Set OSHI_NATS_REPLICAS to 3.`;
  const changed = (from: number, to: number, streams: readonly string[]) =>
    `Copies in NATS are now ${to}, by OSHI_NATS_REPLICAS: ${streams.join(', ')} (before: ${from}).`;
  const inspected = async (natsReplicas?: number) => {
    const servers = {
      natsUrl: url,
      natsFiles: {},
      natsReplicas,
      partitions: undefined,
      mongodbUrl: '',
    };
    return (await inspectNats(servers)).find(({ name }) => name === 'NATS copies');
  };
  expect(await settle(nc, all)).toEqual([oneCopy]);
  expect(await inspected()).toMatchObject({ status: 'warning' });
  expect(await inspected(3)).toMatchObject({ status: 'ok' });
  expect(await settle(nc, [...all, 'none'], 3)).toEqual([changed(1, 3, all)]);
  expect(await copiesOf(nc, all)).toEqual([3, 3, 3]);
  expect([await settle(nc, all, 3), await settle(nc, all)]).toEqual([[], []]);
  const lowered = [changed(3, 1, names), oneCopy.replace(`, ${all[2]}`, '')];
  expect(await settle(nc, names, 1)).toEqual(lowered);
  expect(await copiesOf(nc, all)).toEqual([1, 1, 3]);
  const { config } = await (await jetstreamManager(nc)).streams.info(bucketStream(bucket));
  expect(config).toMatchObject({ allow_direct: false, max_msgs_per_subject: 1 });
  const tooMany = /^NATS cannot keep 5 copies of .*lower OSHI_NATS_REPLICAS\.$/;
  await expect(settle(nc, all, 5)).rejects.toThrow(tooMany);
  await expect(openBucket(nc, `${bucket}-5`, 5)).rejects.toThrow(tooMany);
});

testWithNats('new streams and buckets get the wanted number of copies', async () => {
  const url = await startCluster();
  const created = () => fixture.open(url, { replicas: 3 });
  await until(
    () =>
      created().then(
        () => true,
        () => false,
      ),
    'the cluster to have a leader',
  );
  const { nc } = await created();
  const bucket = `${fixture.prefix}-lease`;
  await openBucket(nc, bucket, 3);
  expect(await copiesOf(nc, [`${fixture.prefix}_OSHI_EV_0`, bucketStream(bucket)])).toEqual([3, 3]);
});

testWithNats('a server that stands alone has no more than one copy to give', async () => {
  const { nc } = await fixture.open(natsUrl());
  const names = [`${fixture.prefix}_OSHI_EV_0`];
  expect([await settle(nc, names), await settle(nc, names, 1)]).toEqual([[], []]);
  const alone = /^NATS cannot keep 3 copies of .*lower OSHI_NATS_REPLICAS\.$/;
  await expect(settle(nc, names, 3)).rejects.toThrow(alone);
  await expect(openBucket(nc, `${fixture.prefix}-3`, 3)).rejects.toThrow(alone);
  await expect(fixture.open(natsUrl(), { prefix: 'three', replicas: 3 })).rejects.toThrow(alone);
});
