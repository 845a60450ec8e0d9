import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { Reads } from '../../../../src/app/limits/reads.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { noSleep } from '../../../support/doubles/no-sleep.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const [ada, ben] = [numbered(1), numbered(2)] as [UserId, UserId];

const stage = (hasRate = true) => {
  const time = { ms: 0 };
  return { time, reads: new Reads({ now: () => time.ms, worked: () => time.ms, hasRate }) };
};

/** A read that ends when the test says so. */
const held = () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { read: () => ended, end };
};

test('a user has one read under way, others have theirs meanwhile', async () => {
  const { reads } = stage();
  const log: string[] = [];
  const one = held();
  const first = reads.run(ada, one.read);
  const second = reads.run(ada, async () => void log.push('ada'));
  const other = reads.run(ben, async () => void log.push('ben'));
  await other;
  await settle();
  expect(log).toEqual(['ben']);
  one.end();
  await Promise.all([first, second]);
  expect(log).toEqual(['ben', 'ada']);
});

test('reads of a user come in the order in which they were asked for, also after one that fails', async () => {
  const { reads } = stage();
  const log: number[] = [];
  const all = Array.from({ length: 20 }, (_, index) =>
    reads
      .run(ada, async (turn) => {
        await turn();
        log.push(index);
        if (index % 3 === 0) throw new Error('failed');
      })
      .catch(() => undefined),
  );
  await Promise.all(all);
  expect(log).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('a read pays for the time of its work, not for that of others, and waits until it is paid for', async () => {
  const pauses = noSleep();
  const { reads, time } = stage();
  const work = (ms: number, othersMs = 0) =>
    reads.run(ada, async (turn) => {
      time.ms += ms / 2;
      setImmediate(() => {
        time.ms += othersMs;
      });
      await turn();
      time.ms += ms / 2;
    });
  await work(limits.readBurstMs + 40, 500_000);
  // The time of others has filled the budget again.
  await work(4000);
  expect(pauses).toEqual([]);
  await work(10);
  const overdrawn = 4000 - limits.readBurstMs - 4 * limits.readMsPerSecond;
  expect(pauses).toEqual([(overdrawn / limits.readMsPerSecond) * 1000]);
  await reads.run(ben, async () => undefined);
  expect(pauses).toHaveLength(1);
});

test('reads that are under way together share what was worked on meanwhile', async () => {
  const pauses = noSleep();
  const { reads, time } = stage();
  const [one, two] = [held(), held()];
  const both = [reads.run(ada, one.read), reads.run(ben, two.read)];
  for (let turn = 0; turn < 6; turn++) await settle();
  time.ms += 2 * limits.readBurstMs;
  one.end();
  await both[0];
  two.end();
  await both[1];
  await reads.run(ada, settle);
  expect(pauses).toEqual([]);
});

test('without rates nobody waits for a budget', async () => {
  const pauses = noSleep();
  const { reads, time } = stage(false);
  for (let times = 0; times < 3; times++) {
    await reads.run(ada, async () => {
      time.ms += 60_000;
    });
  }
  expect(pauses).toEqual([]);
});

test('with too many reads that wait one more is rate-limited, and others are not', async () => {
  const { reads } = stage();
  const one = held();
  const all = [reads.run(ada, one.read)];
  for (let more = 0; more < limits.readsWaitingMax; more++) all.push(reads.run(ada, settle));
  await expect(reads.run(ada, settle)).rejects.toMatchObject({
    problem: { code: 'rate-limited', retryAfter: limits.readRetryMs },
  });
  await reads.run(ben, settle);
  one.end();
  await Promise.all(all);
});

test('however many read, one slice is worked on in each turn of the loop', async () => {
  const { reads } = stage();
  let slices = 0;
  const perTurn: number[] = [];
  let isOver = false;
  const watch = (): void => {
    perTurn.push(slices);
    slices = 0;
    if (!isOver) setImmediate(watch);
  };
  setImmediate(watch);
  const users = Array.from({ length: 50 }, (_, index) => numbered(index) as UserId);
  await Promise.all(
    users.map((user) =>
      reads.run(user, async (turn) => {
        for (let slice = 0; slice < 5; slice++) {
          slices++;
          await turn();
        }
      }),
    ),
  );
  isOver = true;
  expect(perTurn.length).toBeGreaterThanOrEqual(250);
  expect(Math.max(...perTurn)).toBe(1);
});
