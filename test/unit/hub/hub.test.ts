import { expect, onTestFinished, test, vi } from 'vitest';
import { userAggregate } from '../../../src/events/aggregate.ts';
import type { UserId } from '../../../src/events/ids.ts';
import type { EventLog } from '../../../src/events/log.ts';
import { until } from '../../contract/doubles/hand-log.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { hubStage, Viewer } from '../../support/fixtures/hub-stage.ts';
import { gate } from '../../support/fixtures/runner-stage.ts';
import {
  circleNumber,
  numbered,
  posted,
  stamped,
  streamNumber,
} from '../../support/generators/chatter.ts';

const circle = numbered(1);
const s = `${circle}/${circle}`;
const stream = streamNumber(1);

const upTo = (n: number): string[] => Array.from({ length: n }, (_, index) => `${index + 1}`);

test('who watches is told that it is live, and then of every event in order [W4] [W10]', async () => {
  const { log, watch } = await hubStage();
  const viewers = [new Viewer(1), new Viewer(2), new Viewer(3)];
  for (const viewer of viewers) await watch(viewer, s);
  for (let id = 1; id <= 5; id++) {
    log.record(stream, [posted(id), posted(id)]);
    if (id % 2 === 0) await settle();
  }
  const story = ['live 0', ...upTo(10)];
  for (const viewer of viewers) {
    await until(() => viewer.numbers(s).length === 10);
    expect(viewer.story(s)).toEqual(story);
  }
});

test('the events of one tick are one buffer, the same for all of one audience', async () => {
  const { log, watch } = await hubStage();
  const viewers = [new Viewer(1), new Viewer(2), new Viewer(3)];
  for (const viewer of viewers) {
    await watch(viewer, s);
    await until(() => viewer.story(s).length === 1);
    viewer.buffers.splice(0);
  }
  log.record(stream, [posted(1), posted(2)]);
  log.record(stream, [posted(3)]);
  await until(() => viewers.every(({ buffers }) => buffers.length > 0));
  const [buffer] = viewers[0]?.buffers ?? [];
  for (const viewer of viewers) {
    expect(viewer.buffers).toHaveLength(1);
    expect(viewer.buffers[0]).toBe(buffer);
    expect(viewer.numbers(s)).toEqual([1, 2, 3]);
  }
});

test('managers see the codes of invites, members do not, live and from the log', async () => {
  const { log, watch } = await hubStage();
  const created = stamped('invite-created', { code: 'secret', maxUses: 0 });
  log.record(circleNumber(1), [created]);
  const [manager, other, member] = [new Viewer(1), new Viewer(2), new Viewer(3)];
  for (const viewer of [manager, other]) await watch(viewer, circle, { audience: 'managers' });
  await watch(member, circle);
  await until(() => member.numbers(circle).length === 1);
  log.record(circleNumber(1), [stamped('invite-revoked', { code: 'secret' })]);
  await until(() =>
    [manager, other, member].every((viewer) => viewer.numbers(circle).length === 2),
  );
  const said = (viewer: Viewer) => JSON.stringify(viewer.frames);
  expect(said(manager).match(/secret/g)).toHaveLength(2);
  expect(said(member)).not.toContain('secret');
  expect(manager.buffers.at(-1)).toBe(other.buffers.at(-1));
});

test('a session that was closed anywhere is told of, whether or not somebody watches', async () => {
  const { log, closed } = await hubStage();
  const id = numbered(5);
  const user = numbered(7) as UserId;
  log.record(userAggregate(user), [stamped('session-closed', { id })]);
  expect(closed).toEqual([`${id} of ${user}`]);
});

test('an event stream is opened while events arrive, without a gap', async () => {
  const slow = gate();
  const { hub, log, watch } = await hubStage((memory) => ({
    ...memory,
    tail: async (aggregate) => {
      const tail = await memory.tail(aggregate);
      await slow.opened;
      return tail;
    },
  }));
  log.record(stream, [posted(1), posted(2)]);
  const viewer = new Viewer(1);
  const [first, second] = [watch(viewer, s, { after: 1 }), hub.topic(stream)];
  for (let id = 3; id <= 6; id++) {
    log.record(stream, [posted(id)]);
    await settle();
  }
  slow.open();
  const { topic } = await first;
  expect(await second).toBe(topic);
  expect(await hub.topic(stream)).toBe(topic);
  await until(() => viewer.story(s).includes('live 6'));
  log.record(stream, [posted(7)]);
  await until(() => viewer.numbers(s).length === 6);
  expect(viewer.story(s)).toEqual(['2', '3', '4', '5', '6', 'live 6', '7']);
});

test('an event stream is not opened before the hub has heard what the log holds of it', async () => {
  const feed: (() => void)[] = [];
  const late = (memory: EventLog): EventLog => ({
    ...memory,
    live: (partition, handler) =>
      memory.live(partition, (recorded) => feed.push(() => handler(recorded))),
  });
  const { hub, log } = await hubStage(late);
  log.record(stream, [posted(1)]);
  let opened = false;
  const topic = hub.topic(stream).finally(() => {
    opened = true;
  });
  const heard = hub.whenReceived(0, 1);
  await settle();
  expect([opened, hub.received(0)]).toEqual([false, 0]);
  for (const hear of feed) hear();
  expect((await topic).head).toBe(1);
  await heard;
});

test('every partition is heard', async () => {
  const { hub, log, watch } = await hubStage(undefined, { partitions: 4 });
  const viewer = new Viewer(1);
  const names = Array.from({ length: 10 }, (_, index) => `${numbered(index)}/${numbered(index)}`);
  for (const name of names) await watch(viewer, name);
  for (let index = 0; index < 10; index++) log.record(streamNumber(index), [posted(1)]);
  await until(() => names.every((name) => viewer.numbers(name).length === 1));
  const heads = await Promise.all([0, 1, 2, 3].map((partition) => log.head(partition)));
  expect([0, 1, 2, 3].map((partition) => hub.received(partition))).toEqual(heads);
});

test('what nobody watches any more is let go, and found again', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { hub, log, watch } = await hubStage();
  const viewer = new Viewer(1);
  const kept = await watch(viewer, circle);
  const dropped = await watch(viewer, s);
  expect(hub.watched).toBe(2);
  dropped.topic.drop(dropped);
  vi.advanceTimersByTime(60_000);
  expect(hub.watched).toBe(1);
  log.record(stream, [posted(1)]);
  await watch(viewer, s, { after: 0 });
  log.record(stream, [posted(2)]);
  log.record(circleNumber(1), [stamped('circle-updated', { name: 'Tea' })]);
  await until(() => viewer.numbers(s).length === 2 && viewer.numbers(circle).length === 1);
  expect(kept.state.name).toBe('live');
});

test('a subscription that was dropped is sent nothing more [W5]', async () => {
  const { log, watch } = await hubStage();
  const [viewer, other] = [new Viewer(1), new Viewer(2)];
  const subscription = await watch(viewer, s);
  await watch(other, s);
  log.record(stream, [posted(1)]);
  subscription.topic.drop(subscription);
  log.record(stream, [posted(2)]);
  await until(() => other.numbers(s).length === 2);
  expect(viewer.story(s)).toEqual(['live 0']);
});

test('what happens in streams that nobody here may read is left unread, and counts as received', async () => {
  const seen: string[] = [];
  const needed = new Set<string>();
  const { hub, log, watch } = await hubStage();
  hub.listen(
    ({ aggregate }) => seen.push(aggregate),
    (each) => needed.has(each),
  );
  const { seq } = log.record(stream, [posted(1)]);
  expect([seen, hub.received(0)]).toEqual([[], seq]);
  log.record(circleNumber(1), [stamped('circle-deleted', {})]);
  expect(seen).toEqual([circleNumber(1)]);
  const viewer = new Viewer(1);
  await watch(viewer, s);
  log.record(stream, [posted(2)]);
  await until(() => viewer.numbers(s).includes(2));
  needed.add(streamNumber(2));
  log.record(streamNumber(2), [posted(3)]);
  expect(seen).toEqual([circleNumber(1), stream, streamNumber(2)]);
});
