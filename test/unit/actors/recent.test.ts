import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { Recent } from '../../../src/actors/recent.ts';

const parameters = { seed: 20_261_126, numRuns: 200, verbose: 1 } as const;
const law = `recent, seed ${parameters.seed}`;

it(`${law}: the newest are known, and at most twice as many are kept`, () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat(30)), (min, added) => {
      const recent = new Recent<number>(min);
      for (const [index, key] of added.entries()) recent.set(`${key}`, index);
      const newest = [...new Set(added.toReversed())].slice(0, min);
      for (const key of newest) expect(recent.get(`${key}`)).toBe(added.lastIndexOf(key));
      expect(recent.entries().length).toBeLessThanOrEqual(2 * min);
    }),
    parameters,
  ));

test('it says when it forgets', () => {
  const recent = new Recent<number>(2);
  expect(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => recent.set(key, 0))).toEqual([
    'added',
    'turned',
    'added',
    'forgot',
    'added',
    'forgot',
  ]);
  expect(recent.get('b')).toBeUndefined();
  expect(recent.get('c')).toBeUndefined();
  expect(recent.entries().map(([key]) => key)).toEqual(['e', 'f']);
});

it(`${law}: what it keeps for so many more is there after them`, () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.nat(20)),
      fc.array(fc.nat(20), { maxLength: 6 }),
      (min, before, more) => {
        const recent = new Recent<number>(min);
        for (const key of before) recent.set(`${key}`, 1);
        const added = more.slice(0, min);
        const kept = before.map(String).filter((key) => recent.keeps(key, added.length));
        for (const key of added) recent.set(`${key}`, 2);
        for (const key of kept) expect(recent.get(key)).toBeDefined();
        for (const key of before.slice(-1))
          if (added.length < min) expect(kept).toContain(`${key}`);
      },
    ),
    parameters,
  ));

test('an entry is changed where it stands, old or young, and not added', () => {
  const recent = new Recent<number>(2);
  for (const key of ['a', 'b', 'c']) recent.set(key, 1);
  expect([recent.replace('a', 2), recent.replace('c', 2), recent.replace('x', 2)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(recent.entries()).toEqual([
    ['a', 2],
    ['b', 1],
    ['c', 2],
  ]);
});

test('what is frozen is thawed, and forgets no later than before', () => {
  const before = new Recent<number>(2);
  for (const key of ['a', 'b', 'c']) before.set(key, 1);
  const after = new Recent<number>(2, before.entries());
  expect(after.entries()).toEqual(before.entries());
  expect(after.get('a')).toBe(1);
});

// What was thawed counts as one generation, however much it is: a state that is often passivated never forgets.
test('however often it is frozen and thawed, at most twice as many are kept', () => {
  let recent = new Recent<number>(10);
  for (let round = 0; round < 20; round++) {
    for (let key = 0; key < 5; key++) recent.set(`${round}/${key}`, 0);
    recent = new Recent(10, recent.entries());
  }
  expect(recent.entries().length).toBeLessThanOrEqual(20);
});
