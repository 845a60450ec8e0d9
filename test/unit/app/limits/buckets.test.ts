import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { Buckets } from '../../../../src/app/limits/buckets.ts';

const parameters = { seed: 20_261_127, numRuns: 200, verbose: 1 } as const;
const law = `buckets, seed ${parameters.seed}`;

const bucket = (burst: number, everyMs: number) => {
  const time = { ms: 1000 };
  const buckets = new Buckets({ burst, everyMs, now: () => time.ms });
  const take = (times: number, key = 'a') => Array.from({ length: times }, () => buckets.take(key));
  return { time, take };
};

test('so many may be taken at once, and then one each time that the wait is over [W16]', () => {
  const { time, take } = bucket(3, 100);
  expect(take(5)).toEqual([0, 0, 0, 100, 100]);
  time.ms += 99;
  expect(take(1)[0]).toBeGreaterThan(0);
  time.ms += 1;
  expect(take(2)).toEqual([0, 100]);
});

it(`${law}: whoever waits as long as they are told is served`, () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 6000 }),
      fc.array(fc.nat(3000), { maxLength: 60, size: 'max' }),
      (burst, every, pauses) => {
        const { time, take } = bucket(burst, every / 6);
        for (const pause of pauses) {
          time.ms += pause;
          const [wait = 0] = take(1);
          if (wait === 0) continue;
          time.ms += wait;
          expect(take(1)).toEqual([0]);
        }
      },
    ),
    parameters,
  ));

test('whoever waits as long as they are told is served, also when that ends on a fraction', () => {
  const { time, take } = bucket(2, 4136 / 6);
  for (const pause of [0, 0, 0, 771, 1]) {
    time.ms += pause;
    const [wait = 0] = take(1);
    time.ms += wait;
    if (wait > 0) expect(take(1)).toEqual([0]);
  }
});

test('asking in vain costs nothing', () => {
  const { time, take } = bucket(1, 100);
  take(1000);
  time.ms += 100;
  expect(take(2)).toEqual([0, 100]);
});

test('a bucket is never more than full', () => {
  const { time, take } = bucket(3, 100);
  take(3);
  time.ms += 1_000_000;
  expect(take(4)).toEqual([0, 0, 0, 100]);
});

test('each key has its own', () => {
  const { take } = bucket(1, 100);
  expect([take(2, 'a'), take(2, 'b')]).toEqual([
    [0, 100],
    [0, 100],
  ]);
});

test('a clock that is set back neither fills nor empties a bucket', () => {
  const { time, take } = bucket(1, 100);
  take(1);
  time.ms -= 500;
  expect(take(1)).toEqual([100]);
  time.ms += 100;
  expect(take(2)).toEqual([0, 100]);
});

test('looking how long to wait takes nothing', () => {
  const buckets = new Buckets({ burst: 1, everyMs: 100, now: () => 0 });
  expect([buckets.wait('a'), buckets.take('a'), buckets.wait('a')]).toEqual([0, 0, 100]);
});

test('of too many keys the one used longest ago is forgotten, not all [W16]', () => {
  const buckets = new Buckets({ burst: 1, everyMs: 100, keysMax: 3, now: () => 0 });
  for (const key of ['a', 'b', 'c', 'a', 'd']) buckets.take(key);
  expect(['a', 'b', 'c', 'd'].map((key) => buckets.wait(key))).toEqual([100, 0, 100, 100]);
});
