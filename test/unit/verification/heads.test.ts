import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Aggregate, nameAggregate } from '../../../src/events/aggregate.ts';
import { hashOf } from '../../../src/events/codec.ts';
import { Heads } from '../../../src/verification/heads.ts';
import { rootOf } from '../../../src/verification/root.ts';

const aggregates = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { maxLength: 300 })
  .map((names) => names.map((name) => nameAggregate(name)));

const headOf = (aggregate: Aggregate, n: number) => ({
  n,
  hash: hashOf(Buffer.from(`${aggregate}/${n}`)),
});

const noPause = async (): Promise<void> => {};

test('it holds what a map would hold, and sorts it by bytes, in portions too', async () => {
  await fc.assert(
    fc.asyncProperty(aggregates, aggregates, async (first, second) => {
      const heads = new Heads();
      const map = new Map<Aggregate, ReturnType<typeof headOf>>();
      for (const portion of [first, second]) {
        for (const [index, aggregate] of portion.entries()) {
          const head = headOf(aggregate, index + 1);
          heads.set(aggregate, head);
          map.set(aggregate, head);
        }
        const order = await heads.sorted(noPause);
        const lines = [...order].map((entry) => heads.lineAt(entry));
        const names = [...map.keys()].sort((a, b) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
        expect(lines).toEqual(
          names.map((name) => `${name} ${map.get(name)?.n} ${map.get(name)?.hash}`),
        );
      }
      expect(heads.size).toBe(map.size);
      for (const [aggregate, head] of map) expect(heads.get(aggregate)).toEqual(head);
      expect(heads.get('name.nobody-is-called-so' as Aggregate)).toBeUndefined();
    }),
    { seed: 8138, numRuns: 40 },
  );
});

test('it grows', async () => {
  const heads = new Heads();
  const count = 20_000;
  for (let n = 1; n <= count; n++)
    heads.set(`user.${n}` as Aggregate, headOf('user' as Aggregate, n));
  expect(heads.size).toBe(count);
  for (let n = 1; n <= count; n += 97) {
    expect(heads.get(`user.${n}` as Aggregate)).toEqual(headOf('user' as Aggregate, n));
  }
  const order = await heads.sorted(noPause);
  const lines = [...order].map((entry) => heads.lineAt(entry));
  expect(lines).toEqual([...lines].sort());
});

test('the root depends on every head, and not on the order in which they came', async () => {
  const names = ['user.a', 'stream.b.c', 'circle.b'] as Aggregate[];
  const build = (order: readonly Aggregate[], n = 1): Promise<string> => {
    const heads = new Heads();
    for (const name of order) heads.set(name, headOf(name, name === 'user.a' ? n : 1));
    return rootOf(heads);
  };
  expect(await build(names)).toBe(await build([...names].reverse()));
  expect(await build(names)).not.toBe(await build(names, 2));
  expect(await build(names)).not.toBe(await build(names.slice(1)));
});
