import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { Actors } from '../../src/actors/actors.ts';
import { limits } from '../../src/app/limits/limits.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openNatsNodes } from '../../src/engine/cluster/nats-nodes.ts';
import type { CircleId, UserId } from '../../src/events/ids.ts';
import { Admissions } from '../../src/http/socket/admissions.ts';
import { Live } from '../../src/hub/live/live.ts';
import { createMembership, thisNode } from '../../src/nodes/nodes.ts';
import { monotonic, wallClock } from '../../src/runtime/clock.ts';
import { memoryLog } from '../contract/doubles/memory-log.ts';
import { memorySnapshots } from '../support/checkers/tally.ts';
import { lookUpNothing } from '../support/fixtures/actors-stage.ts';
import { hubStage } from '../support/fixtures/hub-stage.ts';
import { Socket } from '../support/fixtures/live-nodes-stage.ts';
import { Memberships } from '../support/fixtures/live-stage.ts';
import { natsUrl, testWithNats } from '../support/fixtures/servers.ts';
import { circleNumber, numbered, stamped } from '../support/generators/chatter.ts';

const [circle, crowd] = [numbered(1), numbered(2)] as [CircleId, CircleId];
const s = `${circle}/${circle}`;
const [ann, bob] = [1, 2];
/** Their entries do not fit into one message. */
const crowdSize = 3000;
const crowdFrom = 1000;
const timeout = 20_000;

const log = memoryLog();
const memberships = new Memberships();
const errors: Error[] = [];
let sockets = 0;

/** A node with a connection to NATS of its own. */
const startNode = async (prefix: string) => {
  const onError = (error: Error): unknown => errors.push(error);
  const { nc } = await connectNats(natsUrl());
  const ports = await openNatsNodes(nc, { bucket: prefix, prefix, onError });
  const actors = new Actors({
    ...{ log, now: monotonic, onError, isAssigned: false },
    snapshots: memorySnapshots(),
    lookUpMessages: lookUpNothing,
  });
  const membership = createMembership({
    ...{ ...ports, me: thisNode(wallClock), actors, partitions: 1, monotonic, onError },
  });
  await membership.start({ assign: () => undefined, revoke: async () => undefined });
  const { replication: nodes } = membership;
  const { hub, watch } = await hubStage(() => log);
  const live = new Live({
    ...{ hub, nodes, partitions: 1, rateLimits: true, monotonic, onError },
    barrier: { waitUntilApplied: async () => undefined },
    models: memberships.models,
  });
  const admissions = new Admissions<Socket>({ nodes, now: wallClock });
  hub.listen(live.onCommit);
  live.start();
  const stop = async (): Promise<void> => {
    live.stop();
    await membership.leave();
    membership.stop();
    await nc.close();
  };
  return {
    ...{ live, stop },
    connect(user: number): Socket {
      const socket = new Socket(user, ++sockets);
      void live.expect(socket.user);
      admissions.admit(socket, socket.user);
      live.admit(socket, socket.user);
      return socket;
    },
    async follow(socket: Socket, name: string): Promise<void> {
      socket.subscriptions.set(name, await watch(socket, name));
    },
  };
};

testWithNats(
  'users of two nodes see each other, get signals of each other, and have one limit of connections [W17]',
  async () => {
    await log.live(0, (recorded) => memberships.take(recorded));
    const joined = (user: number) => stamped('member-joined', { user: numbered(user) });
    const users = Array.from({ length: crowdSize }, (_, index) => crowdFrom + index);
    log.record(circleNumber(1), [ann, bob].map(joined));
    for (const user of [ann, ...users]) log.record(circleNumber(2), [joined(user)]);

    const prefix = `nodes-${randomUUID().slice(0, 8)}`;
    const b = await startNode(prefix);
    for (const user of users) b.connect(user);
    const bobsSocket = b.connect(bob);
    const a = await startNode(prefix);
    onTestFinished(async () => {
      await a.stop();
    });
    const annsSocket = a.connect(ann);
    await a.follow(annsSocket, circle);
    await a.follow(annsSocket, s);
    await a.follow(annsSocket, 'me');
    const online = (at: typeof a, where: CircleId) => at.live.presenceOf(where).online;
    const both = [ann, bob].map(numbered);

    await expect.poll(() => online(a, crowd).length, { timeout }).toBe(limits.presencePageMax);
    await expect.poll(() => online(a, circle).sort(), { timeout }).toEqual(both);
    await expect.poll(() => online(b, circle).sort(), { timeout }).toEqual(both);

    const signals = (k: string) => annsSocket.passed.filter((frame) => frame.k === k);
    b.live.signal(bobsSocket, bobsSocket.user, { t: 'sig', s, k: 'typing' });
    await expect.poll(() => signals('typing'), { timeout }).toHaveLength(1);
    const others = Array.from({ length: limits.connectionsPerUserMax - 1 }, () => b.connect(ann));
    await expect.poll(() => signals('presence').length, { timeout }).toBeGreaterThan(0);
    b.live.notifyRead({ user: numbered(ann) as UserId, s, m: 5 });
    await expect.poll(() => signals('read'), { timeout }).toMatchObject([{ d: { s, m: 5 } }]);

    const closed: string[] = [];
    for (const socket of [annsSocket, ...others]) socket.onClose = () => closed.push(socket.id);
    b.connect(ann);
    await expect.poll(() => closed, { timeout }).toEqual([annsSocket.id]);

    await b.stop();
    await expect.poll(() => online(a, circle), { timeout }).toEqual([numbered(ann)]);
    expect(online(a, crowd)).toEqual([numbered(ann)]);
    expect(errors).toEqual([]);
  },
  60_000,
);
