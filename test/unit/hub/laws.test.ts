import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hubStage } from '../../support/fixtures/hub-stage.ts';
import {
  HubPlay,
  names,
  type Step,
  storyOf,
  type Watched,
} from '../../support/generators/hub-play.ts';

const parameters = { seed: 20_261_129, numRuns: 120, verbose: 1 } as const;
const law = `hub, seed ${parameters.seed}`;

const who = fc.nat(2);
const s = fc.constantFrom(...names);
const does = <Does extends Step['does']>(...each: Does[]) => fc.constantFrom(...each);
const posts = (min: number, max: number) =>
  fc.record({ does: does('post'), times: fc.integer({ min, max }) });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: posts(1, 3) },
  { weight: 1, arbitrary: posts(100, 300) },
  { weight: 6, arbitrary: fc.record({ does: does('rename', 'turn', 'tick') }) },
  { weight: 5, arbitrary: fc.record({ does: does('stall', 'flow', 'remove', 'join'), who }) },
  { weight: 2, arbitrary: fc.record({ does: does('unsub'), who, s }) },
  { weight: 5, arbitrary: fc.record({ does: does('sub'), who, s, back: fc.nat(20) }) },
);

/** From its start on it saw every event once and in order: all that its viewer might read, and then `end`. */
const check = (watched: Watched, head: number): void => {
  const { start, lostAfter, dropped } = watched;
  const { numbers, kinds } = storyOf(watched);
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  expect(numbers).toEqual(numbers.map((_, place) => start + 1 + place));
  const last = numbers.at(-1) ?? start;
  const end = lostAfter ?? head;
  if (dropped) {
    expect(last).toBeLessThanOrEqual(end);
    expect(count('end')).toBe(0);
    return;
  }
  expect(last).toBe(end);
  expect(count('end')).toBe(lostAfter === undefined ? 0 : 1);
  if (lostAfter !== undefined) expect(kinds.at(-1)).toBe('end');
  else expect(count('live')).toBe(1);
};

it(`${law}: everybody sees every event from their start on, once and in order, as long as they may [W4] [W11]`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
      async (history) => {
        const stage = await hubStage();
        const play = new HubPlay(stage);
        for (const next of history) await play.happen(next);
        await play.finish();
        for (const watched of play.all) check(watched, play.heads[watched.subscription.s] ?? 0);
        expect(stage.errors).toEqual([]);
      },
    ),
    parameters,
  ));
