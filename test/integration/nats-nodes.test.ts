import { randomUUID } from 'node:crypto';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openNatsNodes } from '../../src/engine/cluster/nats-nodes.ts';
import { nodesContract } from '../contract/nodes.ts';
import { describeWithNats, natsUrl } from '../support/fixtures/servers.ts';

describeWithNats('on NATS', () => {
  nodesContract('core NATS and a bucket', async () => {
    const prefix = `nodes-${randomUUID().slice(0, 8)}`;
    const connections = await Promise.all([1, 2].map(() => connectNats(natsUrl())));
    const onError = (error: Error): never => {
      throw error;
    };
    const open = ({ nc }: (typeof connections)[0]) =>
      openNatsNodes(nc, { bucket: prefix, prefix, onError });
    const [first, second] = connections;
    if (!(first && second)) throw new Error('two connections were wanted');
    return {
      nodes: [await open(first), await open(second)],
      dispose: async () => {
        for (const { nc } of connections) await nc.close();
      },
    };
  });
});
