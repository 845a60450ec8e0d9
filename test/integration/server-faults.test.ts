import { expect } from 'vitest';
import { serverPrograms, testWithServers } from '../support/fixtures/servers.ts';
import { chance } from '../support/generators/chance.ts';
import { faultsOn } from '../support/generators/faults/kinds.ts';
import { play } from '../support/generators/faults/play.ts';
import { openFaultStage } from '../support/generators/faults/stage.ts';
import { tableOf } from '../support/generators/faults/table.ts';

const seed = 20_261_128;

/** For machines that are busy: the deadline of `npm run test:faults` is 5 s. */
const deadlineMs = 8_000;

testWithServers(
  `faults, seed ${seed}: people post, follow and come by token while the servers behind fail [W4] [W7] [W8]`,
  { timeout: 300_000 },
  async () => {
    const stage = await openFaultStage({ programs: serverPrograms(), hasSmallDisk: false });
    try {
      const { seen, faults } = await play({
        ...{ stage, chance: chance(seed), faults: faultsOn(stage), deadlineMs },
        ...{ playMs: Number.POSITIVE_INFINITY, faultMs: [6_000, 8_000] },
      });
      expect(faults, tableOf(seen)).toEqual([]);
      expect(seen).toHaveLength(8);
    } finally {
      await stage.close();
    }
  },
);
