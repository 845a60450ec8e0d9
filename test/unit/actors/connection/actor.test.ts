import { expect, test } from 'vitest';
import { ConnectionActor } from '../../../../src/actors/connection/actor.ts';
import { createConnectionRecorder } from '../../../../src/actors/connection/recorder.ts';
import { connectionAggregate } from '../../../../src/events/aggregate.ts';
import type { ConnectionId, SessionId, UserId } from '../../../../src/events/ids.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import { AppendFailure, type EventLog } from '../../../../src/events/log.ts';
import { handLog } from '../../../contract/doubles/hand-log.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { readAll } from '../../../support/fixtures/log-fixtures.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const id = numbered(1) as ConnectionId;
const user = numbered(2) as UserId;
const session = numbered(3) as SessionId;
const aggregate = connectionAggregate(user);

const eventsIn = async (log: EventLog) =>
  (await readAll(log, aggregate)).flatMap(({ commit }) => commit.events);

const neverMind = (error: Error) => {
  throw error;
};

/** A connection and what is recorded of it. */
const connected = (more: { userAgent?: string } = {}) => {
  const log = memoryLog();
  const recorder = createConnectionRecorder(log, neverMind);
  const actor = new ConnectionActor({
    ...{ id, address: '::1', userAgent: more.userAgent, recorder },
    now: () => 7,
  });
  const recorded = async () => {
    await recorder.flush();
    return (await eventsIn(log)).map(({ k, d }) => ({ k, d }));
  };
  return { actor, recorded };
};

test('what a connection did is recorded: opened, renewed by another session, closed', async () => {
  const { actor, recorded } = connected({ userAgent: 'curl' });
  expect([actor.isGreeting, actor.isOpen]).toEqual([true, false]);
  actor.greet({ user, session });
  expect([actor.isGreeting, actor.isOpen]).toEqual([false, true]);
  actor.greet({ user, session });
  actor.greet({ user, session: numbered(4) as SessionId });
  actor.frames = 5;
  actor.commands = 2;
  actor.close(1001);
  actor.close(1001);
  expect(await recorded()).toEqual([
    { k: 'connection-opened', d: { id, session, address: '::1', userAgent: 'curl' } },
    { k: 'connection-renewed', d: { id, session: numbered(4) } },
    { k: 'connection-closed', d: { id, code: 1001, frames: 5, commands: 2 } },
  ]);
});

test('a connection that the server closes is recorded with the code that was decided on', async () => {
  const { actor, recorded } = connected();
  actor.greet({ user, session });
  actor.drain(4508);
  expect([actor.isGreeting, actor.isOpen]).toEqual([false, false]);
  actor.close(1006);
  expect(await recorded()).toMatchObject([{}, { k: 'connection-ended', d: { code: 4508 } }]);
});

test('of a connection that never said who it is nothing is recorded', async () => {
  const { actor, recorded } = connected();
  actor.drain(4408);
  actor.close(4408);
  expect(await recorded()).toEqual([]);
});

const renewed = event('connection-renewed', { id, session });

test('what comes while a commit is written goes into the next, in order', async () => {
  const { log, next, appends } = handLog();
  const recorder = createConnectionRecorder(log, neverMind);
  recorder.record(user, 1, renewed);
  recorder.record(user, 2, renewed);
  const first = await next();
  recorder.record(user, 3, renewed);
  recorder.record(user, 4, renewed);
  await first.succeed();
  await (await next()).succeed();
  await recorder.flush();
  expect(appends.map(({ events }) => events.map(({ at }) => at))).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('who was overtaken by another node writes behind it', async () => {
  const { log, next } = handLog();
  const recorder = createConnectionRecorder(log, neverMind);
  recorder.record(user, 1, renewed);
  const first = await next();
  log.record(aggregate, [{ ...renewed, at: 9, by: user }]);
  await first.succeed();
  await (await next()).succeed();
  await recorder.flush();
  expect((await eventsIn(log)).map(({ at }) => at)).toEqual([9, 1]);
});

test('what cannot be written is reported and let go; what comes later is written', async () => {
  const errors: Error[] = [];
  const log = memoryLog();
  let away = true;
  const append: EventLog['append'] = async (...args) => {
    if (away) throw new AppendFailure('unavailable', 'away');
    return log.append(...args);
  };
  const recorder = createConnectionRecorder({ ...log, append }, (error) => errors.push(error));
  recorder.record(user, 1, renewed);
  await recorder.flush();
  away = false;
  recorder.record(user, 2, renewed);
  await recorder.flush();
  expect(errors.map(({ message }) => message)).toEqual([
    `events of connections of user ${user} were not recorded`,
  ]);
  expect((await eventsIn(log)).map(({ at }) => at)).toEqual([2]);
});

test('it gives up on a log where somebody else is always first', async () => {
  const errors: Error[] = [];
  const log = memoryLog();
  let tries = 0;
  const append: EventLog['append'] = async () => {
    tries++;
    throw new AppendFailure('conflict', 'overtaken');
  };
  const recorder = createConnectionRecorder({ ...log, append }, (error) => errors.push(error));
  recorder.record(user, 1, renewed);
  await recorder.flush();
  expect([tries, errors.length]).toEqual([5, 1]);
});

// Of more than 512 events that wait, those after the 512th are let go without a word.
test('however many wait, all are written', async () => {
  const log = memoryLog();
  const recorder = createConnectionRecorder(log, neverMind);
  for (let at = 1; at <= 600; at++) recorder.record(user, at, renewed);
  await recorder.flush();
  expect(await eventsIn(log)).toHaveLength(600);
});
