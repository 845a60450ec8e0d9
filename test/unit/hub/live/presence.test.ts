import { expect, test } from 'vitest';
import { type Device, liveStage } from '../../../support/fixtures/live-stage.ts';
import { circleNumber, numbered, stamped } from '../../../support/generators/chatter.ts';

const circle = numbered(1);
const joined = (user: number) => stamped('member-joined', { user: numbered(user) });

/** Ann, who follows the circle, and Bob, a member who is not there. */
const stageOf = async () => {
  const stage = await liveStage();
  stage.log.record(circleNumber(1), [joined(1), joined(2)]);
  const ann = await stage.connect(1);
  await stage.follow(ann, circle);
  stage.tick();
  ann.news();
  return { ...stage, ann };
};

const changes = (device: Device): string[] =>
  device
    .news()
    .flatMap(({ k, d = {} }) =>
      (['online', 'idle', 'offline'] as const).flatMap((state) =>
        (d[state] ?? []).map((user) => `${k} ${Number(user.slice(-3))} ${state}`),
      ),
    );

test('changes alone are told, once in a tick, to those who follow the circle [W17]', async () => {
  const { ann, connect, say, leave, tick } = await stageOf();
  const bob = await connect(2);
  expect(ann.news()).toEqual([]);
  tick();
  expect(ann.news()).toMatchObject([
    { t: 'sig', s: circle, k: 'presence', d: { online: [numbered(2)], idle: [], offline: [] } },
  ]);
  tick();
  expect([ann.news(), bob.news()]).toEqual([[], []]);
  say(bob, 'idle');
  tick();
  expect(changes(ann)).toEqual(['presence 2 idle']);
  leave(bob);
  tick();
  expect(changes(ann)).toEqual(['presence 2 offline']);
});

test('a person is what the most awake of their connections is [W17]', async () => {
  const { ann, connect, say, leave, tick, presenceOf } = await stageOf();
  const [phone, desk] = [await connect(2), await connect(2)];
  say(phone, 'idle');
  tick();
  expect(changes(ann)).toEqual(['presence 2 online']);
  say(desk, 'idle');
  expect(presenceOf(circle)).toEqual({ online: [numbered(1)], idle: [numbered(2)] });
  say(desk, 'online');
  tick();
  leave(desk);
  tick();
  expect(changes(ann)).toEqual(['presence 2 online', 'presence 2 idle']);
});

test('whoever comes back within two seconds was not away, whenever the tick falls', async () => {
  const { ann, connect, leave, tick } = await stageOf();
  let bob = await connect(2);
  tick();
  ann.news();
  for (const gone of [1999, 1000, 1]) {
    leave(bob);
    tick(gone);
    bob = await connect(2);
    tick(2000 - gone);
    expect(ann.news()).toEqual([]);
  }
  leave(bob);
  tick(1999);
  expect(ann.news()).toEqual([]);
  tick(1);
  expect(changes(ann)).toEqual(['presence 2 offline']);
});

test('what somebody was shown is told again if it was undone before the tick', async () => {
  const { ann, connect, leave, tick, time, presenceOf } = await stageOf();
  const bob = await connect(2);
  expect(presenceOf(circle).online).toHaveLength(2);
  leave(bob);
  tick(1);
  expect(changes(ann)).toEqual(['presence 2 offline']);
  time.ms += 5000;
  expect(presenceOf(circle)).toEqual({ online: [numbered(1)], idle: [] });
});

test('who joins while online is told of, who leaves is told of no more [W17]', async () => {
  const { ann, log, connect, say, tick, presenceOf } = await stageOf();
  const eve = await connect(3);
  tick();
  expect([ann.news(), presenceOf(circle).online]).toEqual([[], [numbered(1)]]);
  log.record(circleNumber(1), [joined(3)]);
  tick();
  expect(changes(ann)).toEqual(['presence 3 online']);
  say(eve, 'idle');
  log.record(circleNumber(1), [stamped('member-left', { user: numbered(3) })]);
  tick();
  expect([ann.news(), presenceOf(circle).idle]).toEqual([[], []]);
});

test('many who come at once are told of in portions, and all of them', async () => {
  const { ann, log, connect, leave, tick } = await stageOf();
  const users = Array.from({ length: 1200 }, (_, at) => 100 + at);
  for (const user of users) log.record(circleNumber(1), [joined(user)]);
  const devices = await Promise.all(users.map(connect));
  const seen: number[] = [];
  for (let ticks = 0; ticks < 4; ticks++) {
    tick();
    seen.push(...ann.news().map(({ d }) => d?.online?.length ?? 0));
  }
  expect(seen).toEqual([500, 500, 200]);
  for (const device of devices) leave(device);
  for (let ticks = 0; ticks < 4; ticks++) tick();
  expect(changes(ann)).toHaveLength(1200);
});

test('the presence of a circle names at most a thousand', async () => {
  const { log, connect, presenceOf } = await stageOf();
  const users = Array.from({ length: 1005 }, (_, at) => 100 + at);
  for (const user of users) log.record(circleNumber(1), [joined(user)]);
  await Promise.all(users.map(connect));
  const { online, idle } = presenceOf(circle);
  expect(online.length + idle.length).toBe(1000);
});

test('nothing is kept of people and circles once they are gone', async () => {
  const { log, ann, connect, leave, live, tick, presenceOf } = await stageOf();
  const bob = await connect(2);
  for (const device of [ann, bob]) leave(device);
  tick();
  expect(presenceOf(circle)).toEqual({ online: [], idle: [] });
  log.record(circleNumber(1), [stamped('circle-deleted', {})]);
  await live.expect(ann.user);
  tick();
  tick();
  expect(presenceOf(circle)).toEqual({ online: [], idle: [] });
});

test('a slow socket is told nothing of it, which is counted [W13]', async () => {
  const { ann, live, connect, tick } = await stageOf();
  ann.stall();
  await connect(2);
  tick();
  expect([ann.passed, live.dropped.signals]).toEqual([[], 1]);
});

test('who comes is in no circle that was deleted before: however many they were, they cost nothing', async () => {
  const { log, connect, leave, tick, presenceOf } = await stageOf();
  log.record(circleNumber(1), [stamped('circle-deleted', {})]);
  const bob = await connect(2);
  expect(presenceOf(circle)).toEqual({ online: [], idle: [] });
  leave(bob);
  tick();
});
