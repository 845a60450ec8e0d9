import { expect, test, vi } from 'vitest';
import { streamAggregate } from '../../../src/events/aggregate.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { commands, general } from '../../support/fixtures/actors-stage.ts';
import { circle, member, owner } from '../../support/fixtures/circle-past.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';
import { nodesStage } from '../../support/fixtures/nodes-stage.ts';

const { create, post, edit } = commands;
const settleMs = 9000;

/** Two nodes with their shares of one partition: the owner, and the other one. */
const twoNodes = async () => {
  const log = memoryLog({ partitions: 1 });
  const stage = nodesStage(log);
  const nodes = [await stage.join('n0'), await stage.join('n1')] as const;
  await stage.advance(settleMs);
  const [there, here] = nodes[0].mine().length > 0 ? nodes : [nodes[1], nodes[0]];
  const messages = async (): Promise<string[]> =>
    (await readAll(log, streamAggregate(circle, general))).flatMap(({ commit }) =>
      commit.events.flatMap((event) => (event.k === 'message-posted' ? event.d.id : [])),
    );
  return { ...stage, log, there, here, messages };
};

/** Lets virtual time pass until a promise has settled. */
const during = async <T>(promise: Promise<T>): Promise<T> => {
  let isSettled = false;
  const watched = promise.finally(() => {
    isSettled = true;
  });
  watched.catch(() => undefined);
  while (!isSettled) await vi.advanceTimersByTimeAsync(10);
  return watched;
};

test('a call is answered by the node that runs the partition', async () => {
  const { here, there, messages } = await twoNodes();
  expect(await during(here.actors.askCircle(circle, create()))).toMatchObject({ repeated: false });
  expect(await during(here.actors.askStream(post(owner, 1)))).toMatchObject({
    answer: { m: 1 },
    position: { partition: 0 },
  });
  expect(await during(there.actors.askStream(post(owner, 2)))).toMatchObject({ answer: { m: 2 } });
  expect(await during(here.actors.newestMessage(circle, general))).toBe(2);
  expect(await during(here.actors.accessOf(owner, circle))).toMatchObject({ manages: true });
  expect(await during(here.actors.accessOf(member, circle, general))).toMatchObject({
    refusal: expect.any(String),
  });
  expect(await messages()).toHaveLength(2);
});

test('refusals and the missing come back as they are', async () => {
  const { here } = await twoNodes();
  expect(await during(here.actors.askStream(post(member, 1)))).toMatchObject({
    refused: expect.any(String),
  });
  expect(await during(here.actors.holderOf('nobody'))).toBeUndefined();
  expect(await during(here.actors.profileOf(owner))).toBeUndefined();
  expect(await during(here.actors.isRegistered(owner))).toBe(false);
});

test('during a handover every command is answered once, and all are in the order of sending', async () => {
  const { here, there, messages, advance } = await twoNodes();
  await during(here.actors.askCircle(circle, create()));
  const answers: Promise<unknown>[] = [];
  let leaving: Promise<void> | undefined;
  for (let id = 1; id <= 200; id++) {
    answers.push(here.actors.askStream(post(owner, id)));
    if (id === 60) leaving = there.leave();
    if (id % 3 === 0) await advance(1);
  }
  const outcomes = await during(Promise.all(answers));
  await leaving;
  expect(here.mine()).toEqual([0]);
  expect(outcomes.map((outcome) => (outcome as { answer?: { m: number } }).answer?.m)).toEqual(
    Array.from({ length: 200 }, (_, index) => index + 1),
  );
  expect(new Set(await messages()).size).toBe(200);
});

test('when the owner crashes, a command is unavailable after 5 s, and then done once', async () => {
  const { here, there, messages } = await twoNodes();
  await during(here.actors.askCircle(circle, create()));
  there.ports.isCut = true;
  const posted = here.actors.askStream(post(owner, 1));
  const edited = here.actors.askStream(edit(owner, 1));
  there.crash();
  expect(await during(posted)).toMatchObject({ refused: 'unavailable' });
  expect(await during(edited)).toMatchObject({ refused: 'unavailable' });
  expect(await during(here.actors.askStream(post(owner, 1)))).toMatchObject({ answer: { m: 1 } });
  expect(await messages()).toHaveLength(1);
});

test('an owner that was replaced and does not know it is refused by the log, and forwards', async () => {
  const { here, there, messages, advance } = await twoNodes();
  await during(there.actors.askCircle(circle, create()));
  await during(there.actors.askStream(post(owner, 1)));
  there.ports.isCut = true;
  await advance(settleMs);
  expect(here.mine()).toEqual([0]);
  await during(here.actors.askStream(post(owner, 2)));
  const late = there.actors.askStream(post(owner, 3));
  await advance(100);
  there.ports.isCut = false;
  expect(await during(late)).toMatchObject({ answer: { m: 3 } });
  expect(await messages()).toHaveLength(3);
});
