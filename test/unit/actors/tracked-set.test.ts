import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TrackedSet } from '../../../src/actors/tracked-set.ts';

const parameters = { seed: 20_261_130, numRuns: 200, verbose: 1 } as const;
const law = `tracked set, seed ${parameters.seed}`;

type Change = { readonly op: 'add' | 'delete'; readonly item: string } | 'clear';
type Step = Change | 'save' | 'fail' | 'reload';

const item = fc.nat(20).map((number) => `u${number}`);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constantFrom('add', 'delete'), item }) },
  { weight: 4, arbitrary: fc.constantFrom('save', 'save', 'fail', 'reload') },
  { weight: 1, arbitrary: fc.constant('clear') },
) as fc.Arbitrary<Step>;

const apply = (set: TrackedSet | Set<string>, each: Change): void => {
  if (each === 'clear') set.clear();
  else set[each.op](each.item);
};

/** A set that is saved and loaded now and then, and what it should hold. */
class Play {
  set = new TrackedSet();
  readonly plain = new Set<string>();
  #saved: string[] = [];
  #after: Change[] = [];

  run(step: Step): void {
    if (step === 'save') this.#save();
    else if (step === 'fail') this.#fail();
    else if (step === 'reload') this.#reload();
    else this.#change(step);
  }

  #change(change: Change): void {
    apply(this.set, change);
    apply(this.plain, change);
    this.#after.push(change);
  }

  #save(): void {
    const { isWhole, changes } = this.set.take(this.#saved.length);
    this.#saved = isWhole ? [...changes] : [...this.#saved, ...changes];
    this.#after = [];
  }

  #fail(): void {
    this.set.take(this.#saved.length);
    this.set.forgetSaved();
  }

  /** As after a restart: what was saved, and the log after it. */
  #reload(): void {
    this.set = new TrackedSet();
    this.set.restore(this.#saved);
    for (const change of this.#after) apply(this.set, change);
  }
}

it(`${law}: what was saved of it, and what has changed since, is the set`, () =>
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 200 }), (steps) => {
      const play = new Play();
      for (const each of steps) {
        play.run(each);
        expect([...play.set].sort()).toEqual([...play.plain].sort());
        expect(play.set.size).toBe(play.plain.size);
      }
    }),
    parameters,
  ));

it('is saved as a whole only when most of what is saved is superfluous', () => {
  const set = new TrackedSet();
  for (let count = 0; count < 100_000; count++) set.add(`u${count}`);
  expect(set.take(0).isWhole).toBe(true);
  let saved = 100_000;
  let written = 0;
  for (let round = 0; round < 60; round++) {
    for (let count = 0; count < 2500; count++) {
      set.delete(`u${round * 2500 + count}`);
      set.add(`u${100_000 + round * 2500 + count}`);
    }
    const { isWhole, changes } = set.take(saved);
    saved = isWhole ? changes.length : saved + changes.length;
    written += changes.length;
    expect(saved).toBeLessThanOrEqual(2 * 100_000 + 4096);
  }
  expect(written / (60 * 5000)).toBeLessThan(2);
});

it('keeps no more changes than the set is large, however long nothing can be saved', () => {
  const set = new TrackedSet();
  set.restore(['a']);
  for (let count = 0; count < 10_000; count++) {
    set.add('b');
    set.delete('b');
  }
  expect(set.take(0).changes.length).toBeLessThan(5000);
  expect([...set]).toEqual(['a']);
});
