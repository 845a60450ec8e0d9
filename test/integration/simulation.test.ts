import { expect, it } from 'vitest';
import { planted } from '../simulation/planted.ts';
import { playPlanted, playUnchanged } from '../simulation/planting.ts';

const timeout = 300_000;
const first = 20_261_130;

it(
  'nodes that fail in virtual time break no promise, and the same seed does the same [W4] [W6] [W7] [W8] [W11] [W18]',
  async () => {
    const [once, again] = await Promise.all([
      playUnchanged({ seed: first, schedules: 100 }),
      playUnchanged({ seed: first, schedules: 100 }),
    ]);
    expect(once.promise, JSON.stringify(once)).toBeUndefined();
    expect(once.accepted).toBeGreaterThan(once.played);
    expect({ ...again, seconds: 0 }).toEqual({ ...once, seconds: 0 });
  },
  timeout,
);

it.for(planted)('the simulation finds that $name', { timeout }, async (mistake) => {
  const { promise } = await playPlanted(mistake, { seed: mistake.seed, schedules: 500 });
  expect(promise).toBeDefined();
});
