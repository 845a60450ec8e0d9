import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { liveStage } from '../../../support/fixtures/live-stage.ts';
import { circle, LivePlay, type LiveStep, stream } from '../../../support/generators/live-play.ts';

const parameters = { seed: 20_261_125, numRuns: 150, verbose: 1 } as const;
const law = `what passes, seed ${parameters.seed}`;

const who = fc.integer({ min: 11, max: 13 });
const at = fc.nat(5);
const does = <Does extends LiveStep['does']>(...each: Does[]) => fc.constantFrom(...each);

const step: fc.Arbitrary<LiveStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ does: does('post'), who, mentions: fc.array(who, { maxLength: 2 }) }),
  },
  { weight: 6, arbitrary: fc.record({ does: does('join', 'connect'), who }) },
  { weight: 2, arbitrary: fc.record({ does: does('remove'), who }) },
  { weight: 5, arbitrary: fc.record({ does: does('type', 'idle', 'online', 'cut'), at }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ does: does('follow', 'unfollow'), at },
      s: fc.constantFrom(circle, stream),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({ does: does('lag', 'apply', 'second', 'tick', 'turn', 'look') }),
  },
);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it(`${law}: nobody is told of a circle that they are not in, and all others know in the end [W11] [W17]`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      async (history) => {
        const stage = await liveStage();
        const play = new LivePlay(stage, (ms) => vi.advanceTimersByTime(ms));
        for (const next of history) await play.happen(next);
        await play.finish();

        play.post(11);
        await play.happen({ does: 'second' });
        for (const device of play.devices) {
          const isTold = play.members.has(device.user) && !device.subscriptions.has(stream);
          if (isTold) expect(play.told.get(device)).toBe(play.m);
        }
        const { online, idle } = stage.presenceOf(circle);
        for (const belief of play.beliefs.values()) {
          const believed = (state: string) =>
            [...belief].filter(([user, of]) => of === state && play.members.has(user));
          expect(
            believed('online')
              .map(([user]) => user)
              .sort(),
          ).toEqual(online.sort());
          expect(
            believed('idle')
              .map(([user]) => user)
              .sort(),
          ).toEqual(idle.sort());
        }
        expect(stage.errors).toEqual([]);
      },
    ),
    parameters,
  ));
