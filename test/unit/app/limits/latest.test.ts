import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Latest } from '../../../../src/app/limits/latest.ts';

const parameters = { seed: 20_261_128, numRuns: 300, verbose: 1 } as const;

it(`latest, seed ${parameters.seed}: keeps what was set last, and nothing else`, () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.nat(8), fc.nat(100)), { maxLength: 80, size: 'max' }),
      (max, steps) => {
        const latest = new Latest<number>(max);
        let model: (readonly [string, number])[] = [];
        for (const [id, value] of steps) {
          const key = `k${id}`;
          latest.set(key, value);
          model = [...model.filter(([known]) => known !== key), [key, value] as const].slice(-max);
          const kept = Array.from({ length: 9 }, (_, each) => latest.get(`k${each}`));
          const expected = new Map(model);
          expect(kept).toEqual(Array.from({ length: 9 }, (_, each) => expected.get(`k${each}`)));
        }
      },
    ),
    parameters,
  ));
