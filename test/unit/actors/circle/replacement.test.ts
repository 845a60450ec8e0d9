import { expect, test } from 'vitest';
import { handLog } from '../../../contract/doubles/hand-log.ts';
import { noSleep } from '../../../support/doubles/no-sleep.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { actorsStage, commands, general } from '../../../support/fixtures/actors-stage.ts';
import { circle, member, owner, stream } from '../../../support/fixtures/circle-past.ts';

const { create, addStream, join, remove, post } = commands;
const unavailable = { refused: 'unavailable', retryAfter: expect.any(Number) };

/** Actors whose circle has a member and a second stream, on a log whose appends wait for the test. */
const heldStage = async () => {
  const hand = handLog();
  noSleep();
  const stage = actorsStage(hand.log);
  const { actors } = stage;
  for (const [command, appends] of [
    [create(), 2],
    [addStream(), 2],
    [join(member), 1],
  ] as const) {
    const done = actors.askCircle(circle, command);
    for (let left = appends; left > 0; left--) await (await hand.next()).succeed();
    await done;
  }
  return { ...hand, ...stage };
};

test('a post whose answer was lost is not appended again once its actor is lost', async () => {
  const { actors, kinds, next, appends } = await heldStage();
  const posting = actors.askStream(post(member, 1));
  const held = await next();
  const waiting = actors.askStream(post(member, 2));
  const failing = actors.askStream(post(owner, 3, stream));
  await (await next()).fail('unavailable');
  expect(await failing).toEqual(unavailable);
  expect(await actors.askCircle(circle, remove(member))).toEqual(unavailable);
  const before = appends.length;
  await held.fail('unknown');
  expect(await Promise.all([posting, waiting])).toEqual([unavailable, unavailable]);
  await settle();
  expect(appends).toHaveLength(before);
  const removing = actors.askCircle(circle, remove(member));
  await (await next()).succeed();
  expect(await removing).toMatchObject({ repeated: false });
  expect(await kinds(circle, general)).toEqual(['stream-opened']);
});

test('an actor is replaced only once it is known what became of its last append', async () => {
  const { actors, next } = await heldStage();
  const failing = actors.askStream(post(owner, 3, stream));
  const held = await next();
  const removing = actors.askCircle(circle, remove(member));
  const removal = await next();
  await held.fail('unavailable');
  expect(await failing).toEqual(unavailable);
  await removal.fail('unknown');
  const again = await next();
  expect(again.commit).toEqual(removal.commit);
  expect(await actors.askStream(post(member, 1))).toEqual(unavailable);
  await again.succeed();
  expect(await removing).toMatchObject({ repeated: false });
  await settle();
  expect(await actors.askStream(post(member, 1))).toEqual({ refused: 'forbidden' });
});
