import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import {
  knownMs,
  type LiveNode,
  liveNodesStage,
} from '../../../support/fixtures/live-nodes-stage.ts';
import type { Device } from '../../../support/fixtures/live-stage.ts';
import {
  circleNumber,
  numbered,
  stamped,
  streamNumber,
} from '../../../support/generators/chatter.ts';

const circle = numbered(1);
const s = `${circle}/${circle}`;
const joined = (user: number) => stamped('member-joined', { user: numbered(user) });
const removed = (user: number) => stamped('member-removed', { user: numbered(user) });

/** Two nodes; Ann, who follows the circle on the first; and Bob, a member who is not connected. */
const stageOf = async (more: Parameters<typeof liveNodesStage>[0] = {}) => {
  const stage = liveNodesStage(more);
  const { log, start, advance } = stage;
  const [a, b] = [await start('a'), await start('b')];
  log.record(circleNumber(1), [joined(1), joined(2)]);
  const ann = a.connect(1);
  await a.follow(ann, circle);
  await advance(knownMs);
  ann.news();
  return { ...stage, a, b, ann };
};

const changes = (device: Device): string[] =>
  device
    .news()
    .flatMap(({ k, d = {} }) =>
      (['online', 'idle', 'offline'] as const).flatMap((state) =>
        (d[state] ?? []).map((user) => `${k} ${Number(user.slice(-3))} ${state}`),
      ),
    );

test('a user is online on every node, whichever they are connected to [W17]', async () => {
  const { advance, a, b, ann } = await stageOf();
  expect(b.presence(circle)).toEqual({ online: [1], idle: [] });
  const bob = b.connect(2);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 online']);
  expect([a, b].map((node) => node.presence(circle).online)).toEqual([
    [1, 2],
    [1, 2],
  ]);
  b.say(bob, 'idle');
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 idle']);
  const other = a.connect(2);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 online']);
  a.leave(other);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 idle']);
  b.leave(bob);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 offline']);
  expect([a, b].map((node) => node.presence(circle).online)).toEqual([[1], [1]]);
});

test('who reconnects to another node within two seconds was not away', async () => {
  const { advance, start, a, b, ann } = await stageOf();
  const c = await start('c');
  await advance(knownMs);
  let at: LiveNode = b;
  let bob = b.connect(2);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 online']);
  for (const next of [a, c, b, c]) {
    at.leave(bob);
    await advance(limits.presenceMs - 1);
    bob = next.connect(2);
    at = next;
    await advance(knownMs);
    expect(changes(ann)).toEqual([]);
  }
});

test('who comes back when some nodes have forgotten them is shown by all, whenever their ticks fall', async () => {
  const { advance, start, a } = await stageOf();
  await advance(limits.presenceMs / 2);
  const c = await start('c');
  await advance(knownMs);
  for (let away = limits.presenceMs; away < 3 * limits.presenceMs; away += 200) {
    const bob = c.connect(2);
    await advance(knownMs);
    expect(a.presence(circle).online).toEqual([1, 2]);
    c.leave(bob);
    await advance(away);
  }
});

test('who joins a circle or is removed from it is shown or not on every node at once', async () => {
  const { advance, log, a, b, ann } = await stageOf();
  const eve = b.connect(3);
  await advance(knownMs);
  expect([changes(ann), a.presence(circle).online]).toEqual([[], [1]]);
  log.record(circleNumber(1), [joined(3)]);
  expect(a.presence(circle).online).toEqual([1, 3]);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 3 online']);
  log.record(circleNumber(1), [removed(3)]);
  expect(a.presence(circle).online).toEqual([1]);
  b.say(eve, 'idle');
  await advance(knownMs);
  expect([changes(ann), a.presence(circle).idle]).toEqual([[], []]);
});

test('who was removed is not shown by a node that receives it before the others do', async () => {
  const { advance, log, a, b, ann } = await stageOf();
  b.lag.ms = 4000;
  log.record(circleNumber(1), [removed(2)]);
  b.connect(2);
  await advance(3000);
  expect([changes(ann), a.presence(circle).online]).toEqual([[], [1]]);
  await advance(knownMs);
  expect(b.presence(circle).online).toEqual([1]);
});

test('who has joined is shown by a node that had received it before it knew the user', async () => {
  const { advance, log, a, b } = await stageOf();
  b.lag.ms = 4000;
  log.record(circleNumber(1), [joined(3)]);
  b.connect(3);
  await advance(3000);
  await advance(knownMs);
  expect([a, b].map((node) => node.presence(circle).online)).toEqual([
    [1, 3],
    [1, 3],
  ]);
});

test('a node that starts late learns who is there, and looks up what a slower node does not know yet', async () => {
  const { advance, start, log, a, b } = await stageOf();
  b.connect(2);
  await advance(knownMs);
  b.lag.ms = 60_000;
  log.record(circleNumber(1), [removed(2)]);
  const c = await start('c');
  await advance(knownMs);
  expect(a.presence(circle).online).toEqual([1]);
  expect(c.presence(circle).online).toEqual([1]);
});

test('the users of a node that has ended are offline, unless they are connected elsewhere by then', async () => {
  const { advance, a, b, ann, log } = await stageOf();
  log.record(circleNumber(1), [joined(3)]);
  b.connect(2);
  b.connect(3);
  await advance(knownMs);
  expect(changes(ann)).toEqual(['presence 2 online', 'presence 3 online']);
  b.crash();
  await advance(3000);
  expect(a.presence(circle).online).toEqual([1, 2, 3]);
  a.connect(3);
  await advance(10_000);
  expect(changes(ann)).toEqual(['presence 2 offline']);
  expect(a.presence(circle).online).toEqual([1, 3]);
});

test('typing reaches those who follow the stream on other nodes [W17]', async () => {
  const { advance, a, b, ann } = await stageOf();
  const [bob, outsider] = [b.connect(2), b.connect(9)];
  await a.follow(ann, s);
  await b.follow(bob, s);
  await advance(knownMs);
  ann.news();
  b.type(bob, s);
  b.type(outsider, s);
  await advance(100);
  expect(ann.news()).toEqual([{ t: 'sig', s, k: 'typing', by: numbered(2), ttl: limits.typingMs }]);
  expect(bob.news().filter(({ k }) => k === 'typing')).toEqual([]);
});

test('typing of somebody who was removed is not passed on by a node that has received that [W11]', async () => {
  const { advance, log, a, b, ann } = await stageOf();
  const bob = b.connect(2);
  await a.follow(ann, s);
  await advance(knownMs);
  ann.news();
  b.lag.ms = 4000;
  log.record(circleNumber(1), [removed(2)]);
  b.type(bob, s);
  await advance(1000);
  expect(ann.news().filter(({ k }) => k === 'typing')).toEqual([]);
});

test('a subscriber gets no more typing than the rates allow, from however many nodes [W14]', async () => {
  const { advance, log, a, b, ann } = await stageOf({ rateLimits: true });
  const numbers = Array.from({ length: 40 }, (_, index) => index + 10);
  log.record(circleNumber(1), numbers.map(joined));
  const typists = numbers.map((user) => {
    const at = user % 2 === 0 ? a : b;
    return { at, socket: at.connect(user) };
  });
  const [here, there] = [a.connect(2), b.connect(2)];
  await a.follow(ann, s);
  await advance(knownMs);
  const heard = async (): Promise<number> => {
    await advance(100);
    return ann.news().filter(({ k }) => k === 'typing').length;
  };
  await heard();
  for (let times = 0; times < 10; times++) {
    a.type(here, s);
    b.type(there, s);
  }
  expect(await heard()).toBe(limits.typingPerMemberBurst);
  await advance(60_000);
  for (const { at, socket } of typists) at.type(socket, s);
  expect(await heard()).toBe(limits.typingBurst);
});

test('a read marker is told to the connections of its user on other nodes, a post once [W17]', async () => {
  const { advance, log, a, b, ann } = await stageOf();
  const there = b.connect(1);
  await a.follow(ann, 'me');
  await b.follow(there, 'me');
  const bob = b.connect(2);
  await b.follow(bob, 'me');
  await advance(knownMs);
  const reads = (device: Device) => device.news().filter(({ k }) => k === 'read');
  for (const device of [ann, there, bob]) reads(device);

  a.live.notifyRead({ user: numbered(1) as UserId, s, m: 3, conn: ann.id });
  await advance(100);
  const told = { t: 'sig', s: 'me', k: 'read', d: { s, m: 3 } };
  expect([ann, there, bob].map(reads)).toEqual([[], [told], []]);

  const d = { id: numbered(7), m: 7, text: 'hello', mentions: [] };
  const post = { ...stamped('message-posted', d), by: numbered(1), conn: ann.id };
  log.record(streamNumber(1), [post]);
  await advance(100);
  expect([ann, there, bob].map(reads)).toEqual([[], [{ ...told, d: { s, m: 7 } }], []]);
});

test('activity is told by every node to its own connections [W17]', async () => {
  const { advance, log, b, ann } = await stageOf();
  const bob = b.connect(2);
  await advance(knownMs);
  ann.news();
  const d = { id: numbered(7), m: 7, text: 'hello', mentions: [numbered(2)] };
  log.record(streamNumber(1), [{ ...stamped('message-posted', d), by: numbered(1) }]);
  await advance(100);
  const activity = { t: 'activity', s, m: 7 };
  expect(bob.news()).toEqual([{ ...activity, mention: true }]);
  expect(ann.news()).toEqual([{ ...activity, mention: false }]);
});
