import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { streamAggregate } from '../../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import type { CircleId, StreamId } from '../../../../src/events/ids.ts';
import { type Device, liveStage } from '../../../support/fixtures/live-stage.ts';
import {
  circleNumber,
  numbered,
  stamped,
  streamNumber,
} from '../../../support/generators/chatter.ts';

const circle = numbered(1);
const s = `${circle}/${circle}`;

const posted = (m: number, mentions: number[] = []): LoggedEvent =>
  stamped('message-posted', {
    ...{ id: numbered(m), m, text: 'hello' },
    mentions: mentions.map(numbered),
  });
const joined = (user: number) => stamped('member-joined', { user: numbered(user) });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const stageOf = async () => {
  const stage = await liveStage();
  stage.log.record(circleNumber(1), [joined(1), joined(2)]);
  return stage;
};
const heard = (device: Device) =>
  device.news().map(({ t, s: of, m, mention }) => [t === 'activity' && of === s, m, mention]);

test('the first message is told at once, the newest after a second if more came [W17]', async () => {
  const { log, connect } = await stageOf();
  const [ann, bob] = [await connect(1), await connect(2)];
  for (let m = 1; m <= 5; m++) log.record(streamNumber(1), [posted(m, m === 3 ? [2] : [])]);
  expect([heard(ann), heard(bob)]).toEqual([[[true, 1, false]], [[true, 1, false]]]);
  vi.advanceTimersByTime(1000);
  expect([heard(ann), heard(bob)]).toEqual([[[true, 5, false]], [[true, 5, true]]]);
  log.record(streamNumber(1), [posted(6)]);
  expect(heard(ann)).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(heard(ann)).toEqual([[true, 6, false]]);
  vi.advanceTimersByTime(1000);
  expect(heard(ann)).toEqual([]);
  log.record(streamNumber(1), [posted(7, [1])]);
  expect(heard(ann)).toEqual([[true, 7, true]]);
});

test('whoever follows the stream, and whoever is no member, is not told [W17]', async () => {
  const { log, connect, follow } = await stageOf();
  const [ann, other, stranger] = [await connect(1), await connect(1), await connect(9)];
  await follow(ann, s);
  log.record(streamNumber(1), [posted(1)]);
  expect([heard(ann), heard(other), heard(stranger)]).toEqual([[], [[true, 1, false]], []]);
});

test('two streams have a second each, and all of one circle end with it', async () => {
  const { log, connect } = await stageOf();
  const ann = await connect(1);
  const second = streamAggregate(circle as CircleId, numbered(2) as StreamId);
  for (const stream of [streamNumber(1), second]) {
    log.record(stream, [posted(1)]);
    log.record(stream, [posted(2)]);
  }
  expect(ann.news().map(({ m }) => m)).toEqual([1, 1]);
  log.record(circleNumber(1), [stamped('stream-deleted', { id: numbered(2) })]);
  vi.advanceTimersByTime(1000);
  expect(heard(ann)).toEqual([[true, 2, false]]);
  log.record(streamNumber(1), [posted(3)]);
  log.record(circleNumber(1), [stamped('circle-deleted', {})]);
  vi.advanceTimersByTime(2000);
  expect([heard(ann), vi.getTimerCount()]).toEqual([[], 0]);
});

test('whoever is removed within the second is not told at its end [W11]', async () => {
  const { log, connect } = await stageOf();
  const [ann, bob] = [await connect(1), await connect(2)];
  log.record(streamNumber(1), [posted(1)]);
  log.record(streamNumber(1), [posted(2)]);
  log.record(circleNumber(1), [stamped('member-removed', { user: numbered(2) })]);
  vi.advanceTimersByTime(1000);
  expect([heard(ann).length, heard(bob).length]).toEqual([2, 1]);
});

test('a socket that is slow, or gone, is not told, and that is counted [W13]', async () => {
  const { log, live, connect, leave } = await stageOf();
  const [ann, bob] = [await connect(1), await connect(2)];
  ann.isCalm = false;
  leave(bob);
  log.record(streamNumber(1), [posted(1)]);
  expect([heard(ann), heard(bob), live.dropped.activities]).toEqual([[], [], 1]);
});

test('that a message was edited or deleted is told who does not follow, once a second [W17]', async () => {
  const { log, connect, follow } = await stageOf();
  const [ann, bob, stranger] = [await connect(1), await connect(2), await connect(9)];
  await follow(bob, s);
  const deleted = stamped('message-deleted', { id: numbered(1) });
  const edited = stamped('message-edited', { id: numbered(2), text: 'better', mentions: [] });
  const unread = (device: Device) =>
    device.news().filter(({ t, k, s: of }) => t === 'sig' && k === 'unread' && of === s).length;
  for (const event of [deleted, edited, deleted]) log.record(streamNumber(1), [event]);
  expect([unread(ann), unread(stranger)]).toEqual([1, 0]);
  vi.advanceTimersByTime(1000);
  expect(unread(ann)).toBe(1);
  log.record(streamNumber(1), [posted(4), deleted]);
  vi.advanceTimersByTime(1000);
  expect(ann.news().map(({ t, k = '' }) => `${t} ${k}`.trim())).toEqual(['activity', 'sig unread']);
  vi.advanceTimersByTime(2000);
  expect([ann.news(), unread(bob)]).toEqual([[], 0]);
});
