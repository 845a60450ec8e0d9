import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { DailyQuota } from '../../../../src/app/limits/daily-quota.ts';

const hourMs = 3_600_000;
const parameters = { seed: 20_261_128, numRuns: 300, verbose: 1 } as const;

const stage = (max: number) => {
  const time = { ms: 12_345 };
  return { time, quota: new DailyQuota({ max, now: () => time.ms }) };
};

it(`the daily quota, seed ${parameters.seed}: never more than that in 24 hours, and one after the wait [W16]`, () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(30 * hourMs), { maxLength: 60, size: 'max' }),
      (max, pauses) => {
        const { time, quota } = stage(max);
        const taken: number[] = [];
        for (const pause of pauses) {
          time.ms += pause >> 3;
          const wait = quota.take('ada');
          if (wait > 0) {
            expect(wait).toBeLessThanOrEqual(25 * hourMs);
            time.ms += wait - 1;
            expect(quota.take('ada')).toBe(1);
            time.ms += 1;
            expect(quota.take('ada')).toBe(0);
          }
          taken.push(time.ms);
          const lately = taken.filter((at) => at > time.ms - 24 * hourMs);
          expect(lately.length).toBeLessThanOrEqual(max);
        }
      },
    ),
    parameters,
  ));

test('what came to nothing is given back, and each user has their own', () => {
  const { quota } = stage(1);
  expect(quota.take('ada')).toBe(0);
  quota.subtract('ada', -1);
  expect([quota.take('ada'), quota.take('bob')]).toEqual([0, 0]);
  expect(quota.take('ada')).toBeGreaterThan(0);
});

test('what is given back twice is given back once', () => {
  const { quota } = stage(2);
  quota.take('ada');
  for (let times = 0; times < 5; times++) quota.subtract('ada', -1);
  expect([quota.take('ada'), quota.take('ada')]).toEqual([0, 0]);
  expect(quota.take('ada')).toBeGreaterThan(0);
});
