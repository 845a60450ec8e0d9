import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openNatsNodes } from '../../src/engine/cluster/nats-nodes.ts';
import { nodesContract } from '../contract/nodes.ts';
import { describeWithNats, natsUrl, startOwnNats } from '../support/fixtures/servers.ts';

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

  test('an account that may not publish what nodes need is reported once', async () => {
    const permissions = '{ publish: { deny: "oshi.nodes.>" } }';
    const users = `{ user: oshi, password: secret, permissions: ${permissions} }`;
    const nats = await startOwnNats({ extraConfig: `authorization { users: [${users}] }` });
    const { nc } = await connectNats(nats.url.replace('//', '//oshi:secret@'));
    const reports: string[] = [];
    const onError = ({ message }: Error): unknown => reports.push(message);
    const { bus } = await openNatsNodes(nc, { onError });
    for (let count = 0; count < 3; count++) bus.publish('beat', {});
    await expect.poll(() => reports).not.toEqual([]);
    await nc.flush();
    expect(reports).toEqual([
      'the NATS account may not publish to oshi.nodes.>: allow it, or this node runs no partition',
    ]);
    await nc.close();
    await nats.stop();
  });

  test('a message that no node has sent is reported, and the next one arrives', async () => {
    const prefix = `nodes-${randomUUID().slice(0, 8)}`;
    const { nc } = await connectNats(natsUrl());
    onTestFinished(() => nc.close());
    const errors: string[] = [];
    const onError = ({ message }: Error): unknown => errors.push(message);
    const { bus } = await openNatsNodes(nc, { bucket: prefix, prefix, onError });
    const received: unknown[] = [];
    bus.subscribe('beat', (message) =>
      received.push((message as { node: { id: string } }).node.id),
    );
    const at = { node: 'a', service: 'echo' };
    bus.respond(at, async (message) => message);
    for (const garbage of ['', '{', 'null', '{}', '\u0000'])
      nc.publish(`${prefix}.nodes.beat`, garbage);
    nc.publish(`${prefix}.node.a.echo`, '{');
    bus.publish('beat', { node: { id: 'b' } });
    await expect.poll(() => received).toEqual(['b']);
    expect(await bus.request(at, 'still there', 1000)).toBe('still there');
    expect(new Set(errors)).toEqual(
      new Set([
        `a message on ${prefix}.nodes.beat is not from a node of Oshi`,
        `a message on ${prefix}.node.a.echo is not from a node of Oshi`,
      ]),
    );
    expect(errors).toHaveLength(6);
  });
});
