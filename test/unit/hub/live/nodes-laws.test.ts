import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { liveNodesStage } from '../../../support/fixtures/live-nodes-stage.ts';
import { LiveNodesPlay, type NodesStep } from '../../../support/generators/live-nodes-play.ts';

const parameters = { seed: 20_261_130, numRuns: 100, verbose: 1 } as const;
const law = `presence on several nodes, seed ${parameters.seed}`;

const who = fc.integer({ min: 11, max: 13 });
const at = fc.nat(3);
const socket = fc.nat(7);
const circle = fc.integer({ min: 1, max: 2 });
const does = <Does extends NodesStep['does']>(...each: Does[]) => fc.constantFrom(...each);

const step: fc.Arbitrary<NodesStep> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: does('connect'), who, at }) },
  { weight: 1, arbitrary: fc.record({ does: does('flood'), who, at }) },
  { weight: 4, arbitrary: fc.record({ does: does('join'), who, circle }) },
  { weight: 2, arbitrary: fc.record({ does: does('remove'), who, circle }) },
  { weight: 4, arbitrary: fc.record({ does: does('leave', 'idle', 'online'), socket }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: does('move'), socket, to: at, ms: fc.nat(3000) }),
  },
  { weight: 2, arbitrary: fc.record({ does: does('cut', 'heal', 'lose', 'keep'), at }) },
  { weight: 1, arbitrary: fc.record({ does: does('lag'), at, ms: fc.nat(3000) }) },
  { weight: 1, arbitrary: fc.record({ does: does('crash'), at }) },
  { weight: 1, arbitrary: fc.record({ does: does('start') }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: does('wait'), ms: fc.integer({ min: 10, max: 6000 }) }),
  },
);

it(
  `${law}: all nodes show the same in the end, never anybody outside, and no user keeps more than 20 connections [W11] [W17]`,
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
        async (history) => {
          const play = new LiveNodesPlay(liveNodesStage());
          await play.begin();
          for (const next of history) await play.happen(next);
          await play.finish();
          play.end();
          vi.clearAllTimers();
          expect(vi.getTimerCount()).toBe(0);
        },
      ),
      parameters,
    ),
  120_000,
);
