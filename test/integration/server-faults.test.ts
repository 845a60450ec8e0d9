import { expect } from 'vitest';
import { serverPrograms, testWithServers } from '../support/fixtures/servers.ts';
import { chance } from '../support/generators/chance.ts';
import { type Fault, faultsOn } from '../support/generators/faults/kinds.ts';
import { play } from '../support/generators/faults/play.ts';
import { openFaultStage } from '../support/generators/faults/stage.ts';
import { tableOf } from '../support/generators/faults/table.ts';

/** For machines that are busy: the deadline of `npm run test:faults` is 5 s. */
const deadlineMs = 8_000;

type Round = {
  readonly nodes: number;
  readonly seed: number;
  readonly faultMs: readonly [number, number];
  readonly chosen: (fault: Fault) => boolean;
};

/** Plays the chosen faults, one after the other; resolves how many they were. */
const playRound = async ({ nodes, seed, faultMs, chosen }: Round): Promise<number> => {
  const stage = await openFaultStage({ programs: serverPrograms(), hasSmallDisk: false, nodes });
  try {
    const draws = chance(seed);
    const { seen, faults } = await play({
      ...{ stage, chance: draws, faults: faultsOn(stage, draws).filter(chosen), deadlineMs },
      ...{ playMs: Number.POSITIVE_INFINITY, faultMs },
    });
    expect(faults, tableOf(seen)).toEqual([]);
    return seen.length;
  } finally {
    await stage.close();
  }
};

testWithServers(
  'people post, follow and come by token while the servers behind fail [W4] [W7] [W8]',
  { timeout: 300_000 },
  async () => {
    const faultMs = [6_000, 8_000] as const;
    const round = { nodes: 1, seed: 20_261_128, faultMs, chosen: () => true };
    expect(await playRound(round)).toBe(8);
  },
);

/** A restart in turn drains each node. */
const ofNodes = ['node killed', 'node suspended', 'node cut off nats', 'nodes restarted in turn'];

testWithServers(
  'people post, follow and come by token while nodes fail, and are replaced [W4] [W7] [W8] [W18]',
  { timeout: 300_000 },
  async () => {
    const chosen = ({ name }: Fault): boolean => ofNodes.includes(name);
    const round = { nodes: 3, seed: 20_261_130, faultMs: [1_000, 2_000], chosen } as const;
    expect(await playRound(round)).toBe(ofNodes.length);
  },
);
