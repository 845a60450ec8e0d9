import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { type Device, liveStage } from '../../../support/fixtures/live-stage.ts';
import {
  circleNumber,
  numbered,
  stamped,
  streamNumber,
} from '../../../support/generators/chatter.ts';

const circle = numbered(1);
const s = `${circle}/${circle}`;
const joined = (user: number) => stamped('member-joined', { user: numbered(user) });

const stageOf = async (more: Parameters<typeof liveStage>[0] = {}) => {
  const stage = await liveStage(more);
  stage.log.record(circleNumber(1), [joined(1), joined(2)]);
  const [ann, bob] = [await stage.connect(1), await stage.connect(2)];
  return { ...stage, ann, bob };
};
const kinds = (device: Device) => device.news().map(({ k }) => k);

test('typing goes to everybody else who follows the stream, the own other devices too [W17]', async () => {
  const { ann, bob, connect, follow, type } = await stageOf();
  const other = await connect(1);
  for (const device of [ann, bob, other]) await follow(device, s);
  type(ann, s);
  const told = { t: 'sig', s, k: 'typing', by: numbered(1), ttl: 8000 };
  expect([ann.news(), bob.news(), other.news()]).toEqual([[], [told], [told]]);
});

test('typing of somebody outside, or of who was just removed, is not passed on [W11] [W17]', async () => {
  const { log, ann, bob, connect, follow, type } = await stageOf();
  await follow(ann, s);
  type(await connect(9), s);
  type(bob, s);
  log.record(circleNumber(1), [stamped('member-removed', { user: numbered(2) })]);
  type(bob, s);
  expect(ann.news().map(({ by }) => by)).toEqual([numbered(2)]);
});

test('a member types five times at once and once a second, and does not use up what others have [W14]', async () => {
  const { ann, bob, time, connect, follow, type } = await stageOf({ rateLimits: true });
  const other = await connect(2);
  await follow(await connect(1), s);
  await follow(ann, s);
  const heardOf = (device: Device) => {
    ann.news();
    for (let times = 0; times < 50; times++) type(device, s);
    return ann.news().length;
  };
  expect([heardOf(bob), heardOf(other)]).toEqual([limits.typingPerMemberBurst, 0]);
  const third = await connect(1);
  expect(heardOf(third)).toBe(limits.typingPerMemberBurst);
  time.ms += 1000;
  expect(heardOf(bob)).toBe(limits.typingPerMemberPerSecond);
});

test('a stream bears twenty at once and ten a second, of all its members [W14]', async () => {
  const { log, ann, time, connect, follow, type } = await stageOf({ rateLimits: true });
  const numbers = Array.from({ length: 30 }, (_, index) => index + 10);
  log.record(circleNumber(1), numbers.map(joined));
  const members = await Promise.all(numbers.map((user) => connect(user)));
  await follow(ann, s);
  const heard = () => {
    for (let times = 0; times < 10; times++) for (const member of members) type(member, s);
    return ann.news().length;
  };
  expect([heard(), heard()]).toEqual([limits.typingBurst, 0]);
  time.ms += 500;
  expect(heard()).toBe(limits.typingPerSecond / 2);
});

test('an own post moves the marker on the other devices that follow me, not on its own [W17]', async () => {
  const { log, ann, bob, connect, follow } = await stageOf();
  const other = await connect(1);
  const deaf = await connect(1);
  for (const device of [ann, bob, other]) await follow(device, 'me');
  for (const device of [ann, bob, other, deaf]) await follow(device, s);
  const d = { id: numbered(7), m: 7, text: 'hello', mentions: [] };
  const post = { ...stamped('message-posted', d), by: numbered(1), conn: ann.id };
  log.record(streamNumber(1), [post]);
  const told = { t: 'sig', s: 'me', k: 'read', d: { s, m: 7 } };
  expect(other.news()).toContainEqual(told);
  expect([ann, bob, deaf].map((device) => kinds(device).includes('read'))).toEqual([
    ...[false, false, false],
  ]);
});

test('whoever is slow is not told, and that is counted [W13]', async () => {
  const { ann, bob, live, follow, type } = await stageOf();
  await follow(ann, s);
  ann.stall();
  type(bob, s);
  expect([ann.news(), live.dropped.signals]).toEqual([[], 1]);
});
