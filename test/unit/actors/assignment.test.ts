import { expect, test, vi } from 'vitest';
import { Assignment } from '../../../src/actors/assignment.ts';
import { circleAggregate, partitionOf } from '../../../src/events/aggregate.ts';
import { type EventLog, emptyTail } from '../../../src/events/log.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { actorsStage, commands, general } from '../../support/fixtures/actors-stage.ts';
import { circle, owner } from '../../support/fixtures/circle-past.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';
import { gate } from '../../support/fixtures/runner-stage.ts';
import { stamped } from '../../support/generators/chatter.ts';

const { create, post } = commands;
const partitions = 4;
const home = partitionOf(circleAggregate(circle), partitions);
const refused = { refused: 'unavailable', retryAfter: 500 };

/** A log whose appends wait for the test. */
const slowLog = () => {
  const log = memoryLog({ partitions });
  const slow = gate();
  const append: EventLog['append'] = async (...args) => {
    await slow.opened;
    return log.append(...args);
  };
  return { log: { ...log, append }, open: slow.open };
};

test('commands and queries to a revoked partition are refused, and accepted once it is assigned again', async () => {
  const log = memoryLog({ partitions });
  const { actors, kinds } = actorsStage(log);
  await actors.askCircle(circle, create());
  await actors.revoke(home);
  expect(await actors.askCircle(circle, commands.addStream())).toEqual(refused);
  expect(await actors.askStream(post(owner, 1))).toEqual(refused);
  await expect(actors.accessOf(owner, circle)).rejects.toThrow('is not assigned to this node');
  expect(actors.active.circles).toBe(0);
  actors.assign(home);
  expect(await actors.askStream(post(owner, 1))).toMatchObject({ answer: { m: 1 } });
  expect(await kinds(circle, general)).toEqual(['stream-opened', 'message-posted']);
});

test('other partitions go on', async () => {
  const { actors } = actorsStage(memoryLog({ partitions }));
  await actors.revoke((home + 1) % partitions);
  expect(await actors.askCircle(circle, create())).toMatchObject({ position: { partition: home } });
});

test('a revocation resolves once the commands that were accepted are answered', async () => {
  const { log, open } = slowLog();
  const { actors, kinds } = actorsStage(log);
  const created = actors.askCircle(circle, create());
  await settle();
  const revoking = actors.revoke(home);
  expect(await actors.askCircle(circle, create())).toEqual(refused);
  open();
  expect(await created).toMatchObject({ repeated: false });
  await revoking;
  const after = await kinds(circle, general);
  expect(after).toEqual(['stream-opened']);
  await settle();
  expect(await kinds(circle, general)).toEqual(after);
});

test('a command that was accepted while its circle was loaded is decided before a revocation resolves', async () => {
  const log = memoryLog({ partitions });
  await actorsStage(log).actors.askCircle(circle, create());
  const slow = gate();
  const read: EventLog['read'] = async function* (...args) {
    await slow.opened;
    yield* log.read(...args);
  };
  const { actors } = actorsStage({ ...log, read });
  const posted = actors.askStream(post(owner, 1));
  const revoking = actors.revoke(home);
  await settle();
  slow.open();
  await revoking;
  expect(await posted).toMatchObject({ answer: { m: 1 } });
});

test('what is not decided in time is never appended', async () => {
  vi.useFakeTimers();
  try {
    const log = memoryLog({ partitions });
    const stuck = gate();
    const read: EventLog['read'] = async function* (...args) {
      await stuck.opened;
      yield* log.read(...args);
    };
    const { actors } = actorsStage({ ...log, read });
    const created = actors.askCircle(circle, create());
    const revoking = actors.revoke(home);
    await vi.advanceTimersByTimeAsync(60_000);
    await revoking;
    expect(await created).toEqual(refused);
    stuck.open();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await readAll(log, circleAggregate(circle))).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test('a fence waits for appends in flight, and fails those that follow', async () => {
  const { log, open } = slowLog();
  const assignment = new Assignment(log);
  const aggregate = circleAggregate(circle);
  const commit = { id: 'c', n: 1, prev: '', term: 1, events: [stamped('circle-deleted', {})] };
  const first = assignment.log.append(aggregate, commit, emptyTail);
  let isFenced = false;
  const fencing = assignment.fence(home).then(() => {
    isFenced = true;
  });
  await settle();
  expect(isFenced).toBe(false);
  open();
  const tail = await first;
  await fencing;
  const next = { ...commit, n: 2, prev: tail.hash };
  await expect(assignment.log.append(aggregate, next, tail)).rejects.toMatchObject({
    reason: 'unavailable',
  });
  assignment.assign(home);
  expect(await assignment.log.append(aggregate, next, tail)).toMatchObject({ n: 2 });
});

test('a writer of an earlier term appends nothing once the partition is assigned again', async () => {
  const log = memoryLog({ partitions });
  const assignment = new Assignment(log);
  const aggregate = circleAggregate(circle);
  await assignment.fence(home);
  assignment.assign(home, 3);
  const commit = { id: 'c', n: 1, prev: '', term: 1, events: [stamped('circle-deleted', {})] };
  await expect(assignment.log.append(aggregate, commit, emptyTail)).rejects.toMatchObject({
    reason: 'unavailable',
  });
  const current = { ...commit, term: 3 };
  expect(await assignment.log.append(aggregate, current, emptyTail)).toMatchObject({ n: 1 });
});

test('commits carry the term in which their partition was assigned', async () => {
  const log = memoryLog();
  const { actors } = actorsStage(log);
  await actors.askCircle(circle, create());
  await actors.revoke(0);
  actors.assign(0, 7);
  await actors.askStream(post(owner, 1));
  const commits = (await log.at(0, [1, 2, 3])).map(({ commit }) => commit.term);
  expect(commits).toEqual([1, 1, 7]);
});
