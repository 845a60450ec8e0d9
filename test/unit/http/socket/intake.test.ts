import { expect, test } from 'vitest';
import { limits } from '../../../../src/http/limits.ts';
import { Intake } from '../../../../src/http/socket/intake.ts';

const idle = { unanswered: 0, flowing: true };

/** An intake, and what it has told its socket. */
const reading = (hasRate = true) => {
  const told: string[] = [];
  const socket = { pause: () => void told.push('pause'), resume: () => void told.push('resume') };
  const intake = new Intake(socket, { now: 0, hasRate });
  const count = (times: number, now: number) => {
    for (let left = times; left > 0; left--) intake.count(now);
    intake.steer(now, idle);
  };
  return { intake, told, count };
};

test('with 32 requests unanswered nothing more is read until one is answered [W16]', () => {
  const { intake, told } = reading();
  intake.steer(0, { unanswered: limits.unansweredMax - 1, flowing: true });
  expect([told, intake.paused]).toEqual([[], false]);
  intake.steer(0, { unanswered: limits.unansweredMax, flowing: true });
  intake.steer(0, { unanswered: limits.unansweredMax, flowing: true });
  expect([told, intake.paused]).toEqual([['pause'], true]);
  intake.steer(0, { unanswered: limits.unansweredMax - 1, flowing: true });
  expect([told, intake.paused]).toEqual([['pause', 'resume'], false]);
});

test('while the client takes nothing, nothing more is read from it', () => {
  const { intake, told } = reading();
  intake.steer(0, { unanswered: 0, flowing: false });
  intake.steer(0, idle);
  expect(told).toEqual(['pause', 'resume']);
});

test('600 frames may come at once, and then 100 a second; beyond, the server reads on later [W16]', () => {
  const { intake, told, count } = reading();
  count(limits.framesBurst, 0);
  expect(told).toEqual([]);
  count(1, 0);
  expect(told).toEqual(['pause']);
  intake.steer(9, idle);
  expect(told).toEqual(['pause']);
  intake.steer(10, idle);
  expect(told).toEqual(['pause', 'resume']);
  count(100, 1010);
  expect(told).toEqual(['pause', 'resume']);
  count(1, 1010);
  expect(told).toEqual(['pause', 'resume', 'pause']);
});

test('what was not used is not saved up beyond the burst', () => {
  const { told, count } = reading();
  count(limits.framesBurst, 3_600_000);
  expect(told).toEqual([]);
  count(1, 3_600_000);
  expect(told).toEqual(['pause']);
});

test('without rates any number of frames is read; the bound of unanswered requests stays', () => {
  const { intake, told, count } = reading(false);
  count(100_000, 0);
  expect(told).toEqual([]);
  intake.steer(0, { unanswered: limits.unansweredMax, flowing: true });
  expect(told).toEqual(['pause']);
});

test('a connection that is given up is read to its end', () => {
  const { intake, told } = reading();
  intake.release();
  expect(told).toEqual([]);
  intake.steer(0, { unanswered: 0, flowing: false });
  intake.release();
  expect([told, intake.paused]).toEqual([['pause', 'resume'], false]);
});

test('five signals are taken at once and five a second, the others are not [W16]', () => {
  const { intake } = reading();
  const taken = (now: number) =>
    Array.from({ length: 8 }, () => intake.takeSignal(now)).filter(Boolean).length;
  expect([taken(0), taken(0), taken(400), taken(1400), taken(90_000)]).toEqual([5, 0, 2, 5, 5]);
  const { intake: free } = reading(false);
  expect(Array.from({ length: 99 }, () => free.takeSignal(0)).every(Boolean)).toBe(true);
});
