import { expect, onTestFinished, test, vi } from 'vitest';
import type { Actors } from '../../../src/actors/actors.ts';
import { streamAggregate } from '../../../src/events/aggregate.ts';
import { LogUnavailable } from '../../../src/events/log.ts';
import { Routing } from '../../../src/nodes/routing.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { memoryNodes } from '../../contract/doubles/memory-nodes.ts';
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
  for (const args of [[], [undefined], [general]] as const) {
    const access = await during(here.actors.accessOf(owner, circle, ...args));
    expect(access).toMatchObject({ manages: true });
  }
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

test('an owner that is cut off while it decides answers within 5 s, although nobody can be asked then', async () => {
  const { here, there, log, advance } = await twoNodes();
  await during(there.actors.askCircle(circle, create()));
  vi.spyOn(log, 'append').mockReturnValue(new Promise(() => undefined));
  for (const node of [there, here]) node.ports.isCut = true;
  let outcome: unknown;
  void there.actors.askStream(post(owner, 1)).then((answer) => {
    outcome = answer;
  });
  await advance(4900);
  expect(outcome).toMatchObject({ refused: 'unavailable' });
});

/** The routing of a node that calls another one, whose actors and placement the test decides. */
const calling = (answer: Partial<Actors>) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { connect } = memoryNodes();
  const placement = { isMine: true };
  const errors: Error[] = [];
  const node = (me: string, isMine: () => boolean) =>
    new Routing({
      ...{ me, actors: answer as Actors, bus: connect().bus, partitions: 1 },
      placement: { isMine, ownerOf: () => 'there' },
      hasEnded: () => false,
      onError: (error) => errors.push(error),
    });
  node('there', () => placement.isMine);
  return { here: node('here', () => false).port, placement, errors };
};

test('a node that gets a partition while calls are on their way handles none before an earlier one', async () => {
  const handled: string[] = [];
  const { here, placement } = calling({
    askStream: async (command) => {
      handled.push((command as { id: string }).id);
      return { events: [], position: { partition: 0, seq: 1 }, repeated: false };
    },
  });
  placement.isMine = false;
  const first = here.askStream(post(owner, 1));
  placement.isMine = true;
  const second = here.askStream(post(owner, 2));
  await during(Promise.all([first, second]));
  expect(handled).toEqual([1, 2].map((id) => (post(owner, id) as { id: string }).id));
});

test('a fault of a query is reported where it happens, and is no outage', async () => {
  const { here, errors } = calling({
    accessOf: () => Promise.reject(new TypeError('a mistake')),
    newestMessage: () => Promise.reject(new LogUnavailable('away')),
  });
  const fault = during(here.accessOf(owner, circle));
  await expect(fault).rejects.toThrow('a mistake');
  await expect(fault).rejects.not.toBeInstanceOf(LogUnavailable);
  expect(errors.map(({ message }) => message)).toEqual(['accessOf failed']);
  await expect(during(here.newestMessage(circle, general))).rejects.toBeInstanceOf(LogUnavailable);
  expect(errors).toHaveLength(1);
});
