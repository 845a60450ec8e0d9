import { join } from 'node:path';
import { expect } from 'vitest';
import { partitionsDefault } from '../../src/engine/cluster/jetstream-log/family.ts';
import { closes } from '../../src/http/socket/close-codes.ts';
import { documentsOf } from '../support/checkers/rebuilt-models.ts';
import { openNodes, partitionsOf, whenShared } from '../support/fixtures/server-nodes.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  personOf,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import { root, runOshi } from '../support/fixtures/server-process.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testWithServers } from '../support/fixtures/servers.ts';

/** The same session on another node. */
const at = (url: string, { id, username, token, session }: Person): Person => ({
  ...personOf(url, { token }),
  ...{ id, username, session },
});

const circles = 12;

/** Circles of one person, enough that several partitions have some. */
const makeCircles = (owner: Person): Promise<string[]> =>
  Promise.all(Array.from({ length: circles }, () => makeCircle(owner)));

testWithServers(
  'every node serves every client: commands, events, reads, sessions',
  async () => {
    const stage = await openNodes(2);
    const [a, b] = stage.nodes.map(({ url }) => url) as [string, string];
    const [ann, ben] = [await register(a), await register(b, 'ben')];
    for (const circle of await makeCircles(ann)) {
      const joined = await ben.call(`PUT /v1/circles/${circle}/members/me`, {});
      expect(joined.status).toBe(201);
      const socket = await TestSocket.greet(b, ben);
      await socket.subscribe(`${circle}/${circle}`);
      const id = crypto.randomUUID().replace(/^(.{14})./, '$17');
      const posted = await post(ann, circle, { text: circle, id });
      expect(posted.status).toBe(201);
      const position = posted.headers.get('oshi-position') ?? '';
      const shown = await ben.call(`GET ${messagesOf(circle)}`, undefined, {
        'oshi-position': position,
      });
      expect(shown.body.messages?.map(({ text }) => text)).toEqual([circle]);
      await socket.until(({ e }) => e?.some(({ k }) => k === 'message-posted') ?? false);
      const again = await post(at(b, ann), circle, { text: circle, id });
      expect([again.status, again.body.message?.m]).toEqual([200, posted.body.message?.m]);
      socket.close();
    }
    const elsewhere = await TestSocket.greet(b, ann);
    expect((await ann.call('DELETE /v1/sessions/current')).status).toBe(204);
    expect((await elsewhere.closed).code).toBe(closes.unauthenticated.code);
    expect((await at(b, ann).call('GET /v1/me')).status).toBe(401);
    const beside = ['replay', 'verify', 'checkpoint', 'projections', 'rebuild users', 'stats'];
    for (const words of beside) {
      const { code, stderr } = await runOshi(words.split(' '), stage.env);
      expect({ words, code, stderr }).toMatchObject({ code: 0 });
    }
    await stage.close();
  },
  90_000,
);

testWithServers(
  'a node that is stopped hands over first, and no command fails',
  async () => {
    const stage = await openNodes(2);
    const [here, there] = stage.nodes as [(typeof stage.nodes)[0], (typeof stage.nodes)[0]];
    const ann = await register(here.url);
    const all = await makeCircles(ann);
    const socket = await TestSocket.greet(there.url, ann);
    let isStopped = false;
    const posting = all.map(async (circle) => {
      const statuses: number[] = [];
      while (!isStopped) statuses.push((await post(ann, circle)).status);
      return statuses;
    });
    const ended = await there.stop();
    isStopped = true;
    const statuses = (await Promise.all(posting)).flat();
    expect(new Set(statuses)).toEqual(new Set([201]));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect((await socket.closed).code).toBe(closes.draining.code);
    expect(await partitionsOf([here])).toEqual([partitionsDefault]);
    expect(await call(here.url, 'GET /readyz')).toMatchObject({ status: 200 });
    const next = await stage.join();
    await whenShared([here, next]);
    await stage.close();
  },
  90_000,
);

testWithServers(
  'a custom projection is applied by one node, and by the next when that ends',
  async () => {
    const projection = join(root, 'examples/leaderboard.js');
    const stage = await openNodes(2, { OSHI_PROJECTIONS: projection });
    const runs = (): boolean[] =>
      stage.nodes.map(({ stdout }) => stdout().includes('projection leaderboard: caught up'));
    await expect.poll(runs).toContain(true);
    expect(runs().filter(Boolean)).toHaveLength(1);
    const first = runs().indexOf(true);
    const [leader, other] = [stage.nodes[first], stage.nodes[1 - first]];
    if (!(leader && other)) throw new Error('two nodes were started');
    const ann = await register(other.url);
    const circle = await makeCircle(ann);
    expect((await post(ann, circle)).status).toBe(201);
    await leader.kill();
    await other.said(/projection leaderboard: caught up/);
    await expect.poll(async () => (await post(ann, circle)).status, { timeout: 20_000 }).toBe(201);
    const counted = async () =>
      (await documentsOf(stage, 'leaderboard_v2')).map(
        (row) => (row as { messages?: number }).messages,
      );
    await expect.poll(counted, { timeout: 20_000 }).toEqual([2]);
    await stage.close();
  },
  90_000,
);
