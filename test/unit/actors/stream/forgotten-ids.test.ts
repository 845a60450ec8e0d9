import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../../../src/actors/limits.ts';
import { ForgottenIds } from '../../../../src/actors/stream/forgotten-ids.ts';
import { uuid7 } from '../../../../src/events/ids.ts';
import { epochMs } from '../../../support/fixtures/given.ts';

const seed = 20_261_129;

test('ids of the time at which they are used are told apart from those before, whatever came between', () => {
  const ids = new ForgottenIds();
  const ahead = uuid7(epochMs + 10 * limits.idAheadMs);
  ids.use(ahead, epochMs);
  const [one, two] = [uuid7(epochMs), uuid7(epochMs + 1)];
  ids.use(one, epochMs);
  ids.turn();
  ids.use(two, epochMs + 1);
  ids.turn();
  expect([one, ahead].map((id) => ids.isNew(id))).toEqual([false, false]);
  expect(ids.isNew(uuid7(epochMs + 2))).toBe(true);
  expect(ids.isNew(uuid7(epochMs - 1))).toBe(false);
});

test(`seed ${seed}: no id that was used is ever called new once it is forgotten, frozen or not [W8]`, () => {
  const id = fc.integer({ min: -2 * limits.idAheadMs, max: 2 * limits.idAheadMs });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(id, fc.constant('turn' as const)), { size: 'large' }),
      (steps) => {
        let ids = new ForgottenIds();
        const used: string[] = [];
        for (const [index, step] of steps.entries()) {
          if (step === 'turn') {
            ids.turn();
            ids = new ForgottenIds(JSON.parse(JSON.stringify(ids.freeze())));
            continue;
          }
          const made = uuid7(epochMs + index + step);
          ids.use(made, epochMs + index);
          used.push(made);
        }
        ids.turn();
        ids.turn();
        expect(used.filter((each) => ids.isNew(each))).toEqual([]);
      },
    ),
    { seed },
  );
});

test('too many ids that are ahead count for the bound, so that memory stays small', () => {
  const ids = new ForgottenIds();
  const made = Array.from({ length: limits.idsAheadMax + 1 }, () =>
    uuid7(epochMs + 2 * limits.idAheadMs),
  );
  for (const id of made) ids.use(id, epochMs);
  ids.turn();
  ids.turn();
  expect(ids.freeze().ahead).toHaveLength(limits.idsAheadMax);
  expect(made.filter((id) => ids.isNew(id))).toEqual([]);
  expect(ids.isNew(uuid7(epochMs + 1))).toBe(false);
});
