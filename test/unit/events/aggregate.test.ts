import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Aggregate,
  circleAggregate,
  connectionAggregate,
  kindOf,
  nameAggregate,
  partitionOf,
  partsOf,
  streamAggregate,
  userAggregate,
} from '../../../src/events/aggregate.ts';
import type { CircleId, StreamId, UserId } from '../../../src/events/ids.ts';

const user = '018f0000-0000-7000-8000-000000000001' as UserId;
const circle = '018f0000-0000-7000-8000-000000000002' as CircleId;
const stream = '018f0000-0000-7000-8000-000000000003' as StreamId;
const seed = 20_260_704;

test.each([
  [userAggregate(user), { kind: 'user', key: user, user }],
  [circleAggregate(circle), { kind: 'circle', key: circle, circle }],
  [streamAggregate(circle, stream), { kind: 'stream', key: circle, circle, stream }],
  [nameAggregate('ada'), { kind: 'name', key: 'ada', name: 'ada' }],
  [connectionAggregate(user), { kind: 'connection', key: user, user }],
])('%s is taken apart to what it was made of', (aggregate, parts) => {
  expect(partsOf(aggregate)).toEqual(parts);
  expect(kindOf(aggregate)).toBe(parts.kind);
});

test(`a name is one token of a subject, whatever is in it (seed ${seed})`, () => {
  const law = fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
    const aggregate = nameAggregate(name);
    expect(aggregate).toMatch(/^name\.[\w%!'()*~-]+$/);
    expect(partsOf(aggregate)).toMatchObject({ name });
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test('what is no name of an aggregate is not taken apart', () => {
  for (const wrong of ['', 'planet.earth', '.a']) {
    expect(() => partsOf(wrong as Aggregate)).toThrow(/invalid aggregate/);
  }
});

test('partitions are for ever: these places never change', () => {
  const places = (aggregate: Aggregate): number[] =>
    [1, 2, 8, 16].map((partitions) => partitionOf(aggregate, partitions));
  expect(places(userAggregate(user))).toMatchInlineSnapshot(`
    [
      0,
      0,
      0,
      8,
    ]
  `);
  expect(places(circleAggregate(circle))).toMatchInlineSnapshot(`
    [
      0,
      1,
      1,
      1,
    ]
  `);
  expect(places(nameAggregate('ada'))).toMatchInlineSnapshot(`
    [
      0,
      1,
      3,
      11,
    ]
  `);
});

test(`a stream lies with its circle, within range (seed ${seed})`, () => {
  const law = fc.property(fc.uuid(), fc.uuid(), fc.integer({ min: 1, max: 64 }), (a, b, count) => {
    const home = partitionOf(circleAggregate(a as CircleId), count);
    expect(partitionOf(streamAggregate(a as CircleId, b as StreamId), count)).toBe(home);
    expect(home).toBeGreaterThanOrEqual(0);
    expect(home).toBeLessThan(count);
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test('partitions are about equally full', () => {
  const counts = new Array<number>(8).fill(0);
  for (let index = 0; index < 8000; index++) {
    const id = `018f0000-0000-7000-8000-${String(index).padStart(12, '0')}` as UserId;
    const partition = partitionOf(userAggregate(id), 8);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
});
