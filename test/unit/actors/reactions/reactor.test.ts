import { expect, test } from 'vitest';
import type { Reaction } from '../../../../src/actors/reactions/reaction.ts';
import { type ReactorOptions, startReactor } from '../../../../src/actors/reactions/reactor.ts';
import { partitionOf } from '../../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import { until } from '../../../contract/doubles/hand-log.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { noSleep } from '../../../support/doubles/no-sleep.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { gate } from '../../../support/fixtures/runner-stage.ts';
import { circleNumber, numbered, stamped } from '../../../support/generators/chatter.ts';

const joined = (user: number): LoggedEvent => stamped('member-joined', { user: numbered(user) });

/** Checkpoints in memory. */
const checkpoints = (begun: Record<string, number> = {}) => {
  const kept = new Map(Object.entries(begun));
  return {
    kept,
    load: async (name: string, partition: number) => kept.get(`${name}/${partition}`) ?? 0,
    save: async (name: string, partition: number, seq: number) => {
      kept.set(`${name}/${partition}`, seq);
    },
  };
};

/** A reaction that notes what it was told of, and does to each first what the test says. */
const noting = (first: (user: string) => Promise<void> = async () => {}) => {
  const told: string[] = [];
  const reaction: Reaction = {
    name: 'noting',
    kinds: new Set(['member-joined']),
    react: (event, aggregate) => {
      if (event.k !== 'member-joined') throw new Error(`not asked for: ${event.k}`);
      const { user } = event.d;
      return first(user).then(() => {
        told.push(
          `${Number(user.slice(-3))}: ${event.n} at ${event.seq} of ${aggregate.slice(-3)}`,
        );
      });
    },
  };
  return { told, reaction };
};

const begin = (log: MemoryLog, reaction: Reaction, more: Partial<ReactorOptions> = {}) => {
  noSleep();
  const errors: Error[] = [];
  const kept = checkpoints();
  const onError = (error: Error) => errors.push(error);
  const waitUntilApplied = async () => undefined;
  const reactor = startReactor({
    log,
    reaction,
    checkpoints: kept,
    waitUntilApplied,
    onError,
    ...more,
  });
  return { ...reactor, errors, kept: kept.kept };
};

test('it is told of what stands in the log and then of what comes, each with its number and place', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [
    joined(1),
    stamped('stream-archived', { id: numbered(9) }),
    joined(2),
  ]);
  const { told, reaction } = noting();
  const { stop } = begin(log, reaction);
  await until(() => told.length === 2);
  log.record(circleNumber(2), [joined(3)]);
  await until(() => told.length === 3);
  await stop();
  expect(told).toEqual(['1: 1 at 1 of 001', '2: 3 at 1 of 001', '3: 1 at 2 of 002']);
});

test('it follows every partition', async () => {
  const log = memoryLog({ partitions: 4 });
  const { told, reaction } = noting();
  const { stop } = begin(log, reaction);
  for (let circle = 1; circle <= 20; circle++) log.record(circleNumber(circle), [joined(circle)]);
  await until(() => told.length === 20);
  await stop();
});

test('it goes on from where it was stopped, and repeats nothing', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [joined(1)]);
  const { told, reaction } = noting();
  const kept = checkpoints();
  const first = begin(log, reaction, { checkpoints: kept });
  await until(() => told.length === 1);
  log.record(circleNumber(1), [joined(2)]);
  await until(() => told.length === 2);
  await first.stop();
  expect(kept.kept).toEqual(new Map([['noting/0', 2]]));
  log.record(circleNumber(1), [joined(3)]);
  const second = begin(log, reaction, { checkpoints: kept });
  await until(() => told.length === 3);
  await second.stop();
  expect(told.map((line) => line[0])).toEqual(['1', '2', '3']);
});

test('what fails is reported and tried again until it does not; nothing is passed over', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [joined(1), joined(2), joined(3)]);
  let failures = 2;
  const { told, reaction } = noting(async (user) => {
    if (user === numbered(2) && failures-- > 0) throw new Error('no');
  });
  const { stop, errors } = begin(log, reaction);
  await until(() => told.some((line) => line.startsWith('2')));
  await stop();
  expect(errors.map(({ message, cause }) => [message, (cause as Error).message])).toEqual([
    ['the reaction noting failed and will be retried', 'no'],
    ['the reaction noting failed and will be retried', 'no'],
  ]);
  expect(new Set(told.map((line) => line[0]))).toEqual(new Set(['1', '2', '3']));
});

test('nothing is checkpointed before it is done', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [joined(1)]);
  const slow = gate();
  const { told, reaction } = noting(() => slow.opened);
  const { stop, kept } = begin(log, reaction);
  await settle();
  const stopped = stop();
  await settle();
  expect(kept.size).toBe(0);
  slow.open();
  await stopped;
  expect(told).toHaveLength(1);
  expect(kept).toEqual(new Map([['noting/0', 1]]));
});

test('nothing is reacted to before the read models show it; waiting for that does not keep it from stopping', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [joined(1)]);
  const [first, never] = [gate(), gate()];
  const asked: unknown[] = [];
  const waitUntilApplied = async (position: { seq: number }) => {
    asked.push(position);
    await (position.seq === 1 ? first.opened : never.opened);
  };
  const { told, reaction } = noting();
  const { stop, kept } = begin(log, reaction, { waitUntilApplied });
  await settle();
  expect([asked, told]).toEqual([[{ partition: 0, seq: 1 }], []]);
  first.open();
  await until(() => told.length === 1);
  log.record(circleNumber(1), [joined(2)]);
  await until(() => asked.length === 2);
  await stop();
  expect(told).toHaveLength(1);
  expect(kept).toEqual(new Map([['noting/0', 1]]));
});

test('an event that this version does not know is passed over', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [
    { ...joined(1), v: 2 },
    { ...joined(2), k: 'member-painted' } as never,
    joined(3),
  ]);
  const { told, reaction } = noting();
  const { stop } = begin(log, reaction);
  await until(() => told.length === 1);
  await stop();
  expect(told).toEqual(['3: 3 at 1 of 001']);
});

test('it is stopped while it waits to try again', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [joined(1)]);
  const { reaction } = noting(() => Promise.reject(new Error('never')));
  const { stop, errors } = begin(log, reaction);
  await until(() => errors.length > 2);
  await stop();
  const { length } = errors;
  await settle();
  expect(errors).toHaveLength(length);
});

test('a revoked partition is left alone, and continued from its checkpoint when it is assigned again', async () => {
  const log = memoryLog({ partitions: 4 });
  const circles = Array.from({ length: 20 }, (_, index) => circleNumber(index));
  const record = (user: number): void => {
    for (const circle of circles) log.record(circle, [joined(user)]);
  };
  const late = circles.filter((circle) => partitionOf(circle, 4) === 1).length;
  const { told, reaction } = noting();
  const { stop, assign, revoke, kept } = begin(log, reaction);
  record(1);
  await until(() => told.length === 20);
  await revoke(1);
  expect(kept.get('noting/1')).toBe(late);
  record(2);
  await until(() => told.length === 40 - late);
  await settle();
  expect([told.length, kept.get('noting/1')]).toEqual([40 - late, late]);
  assign(1);
  assign(1);
  await until(() => told.length === 40);
  await stop();
  expect(new Set(told).size).toBe(40);
});

test('a revocation waits for the reactions in progress, also when one of them fails', async () => {
  const log = memoryLog();
  log.record(circleNumber(1), [joined(1), joined(2)]);
  const slow = gate();
  const { told, reaction } = noting((user) =>
    user === numbered(1) ? Promise.reject(new Error('no')) : slow.opened,
  );
  const { revoke, stop } = begin(log, reaction);
  await settle();
  let isResolved = false;
  const revoking = revoke(0).then(() => {
    isResolved = true;
  });
  await settle();
  expect(isResolved).toBe(false);
  slow.open();
  await revoking;
  expect(told.map((line) => line[0])).toEqual(['2']);
  await settle();
  expect(told).toHaveLength(1);
  await stop();
});

test('it waits for the read models only if there is something to react to', async () => {
  const log = memoryLog();
  const waited: number[] = [];
  const waitUntilApplied = async ({ seq }: { readonly seq: number }): Promise<void> => {
    waited.push(seq);
  };
  const { told, reaction } = noting();
  const { stop, kept } = begin(log, reaction, { waitUntilApplied });
  await settle();
  log.record(circleNumber(1), [stamped('stream-archived', { id: numbered(9) })]);
  await settle();
  log.record(circleNumber(1), [joined(1)]);
  await until(() => told.length === 1);
  log.record(circleNumber(1), [stamped('stream-archived', { id: numbered(9) })]);
  await settle();
  await stop();
  expect(waited).toEqual([2]);
  expect(kept).toEqual(new Map([['noting/0', 3]]));
});
