import { expect, test } from 'vitest';
import { campaign } from '../abuse/campaign.ts';

const seed = 20261128;

// The short form of `npm run test:abuse`, which tries all attacks for longer and compares how long posts take.
test.for(['pongs-unknown', 'unfinished', 'after-close', 'subs', 'registrations', 'malformed'])(
  `under attack by %s, seed ${seed}, others lose nothing and are not disconnected [W14]`,
  async (kind) => {
    const short = { seed, beforeMs: 500, ms: 1500, inputsMin: 300, afterMs: 500 };
    const [result] = await campaign({ kinds: [kind], ...short });
    expect(result?.faults, JSON.stringify(result)).toEqual([]);
    expect(result?.posts).toBeGreaterThan(20);
  },
);
