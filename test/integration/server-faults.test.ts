import { expect } from 'vitest';
import { chance } from '../support/chance.ts';
import { faultsOn } from '../support/faults/kinds.ts';
import { play } from '../support/faults/play.ts';
import { openFaultStage } from '../support/faults/stage.ts';
import { tableOf } from '../support/faults/table.ts';
import { serverPrograms, testWithServers } from '../support/servers.ts';

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
