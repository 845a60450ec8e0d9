import fc from 'fast-check';
import { expect, it } from 'vitest';
import { edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { countsAgree, unreadStep } from '../../../support/generators/unread-play.ts';

const parameters = { seed: 20_261_126, numRuns: 30, verbose: 1 } as const;

it(`unread, seed ${parameters.seed}: what is unread is what one counts by hand, however one reads, writes and comes back [H5]`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(unreadStep, { minLength: 10, maxLength: 50, size: 'max' }),
      async (history) => {
        const stage = await edgeStage();
        await countsAgree(stage, history, (counted, recounted) =>
          expect(counted).toEqual(recounted),
        );
      },
    ),
    parameters,
  ));
