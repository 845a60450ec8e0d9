import { expect, onTestFinished, test, vi } from 'vitest';
import { AddressRates } from '../../../../src/app/limits/address-rates.ts';
import { Buckets } from '../../../../src/app/limits/buckets.ts';
import { limits } from '../../../../src/app/limits/limits.ts';
import { Reads } from '../../../../src/app/limits/reads.ts';
import { Shared } from '../../../../src/app/limits/shared.ts';
import { NodeSharing, type Sharing } from '../../../../src/app/limits/sharing.ts';
import { commandLimits } from '../../../../src/app/operations/command-limits.ts';
import { createLoginLimits } from '../../../../src/app/sessions/login-limits.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { memoryNodes } from '../../../contract/doubles/memory-nodes.ts';
import { noSleep } from '../../../support/doubles/no-sleep.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const now = (): number => Date.now();
const ada = numbered(1);

/** Nodes that share their limits, in virtual time, and what they announce. */
const stage = (count = 3) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const network = memoryNodes();
  const announced: { taken: unknown[] }[] = [];
  const ears = network.connect();
  ears.bus.subscribe('taken', (message) => announced.push(message as (typeof announced)[0]));
  const present = { count };
  const nodes = Array.from({ length: count }, (_, each) => {
    const ports = network.connect();
    const me = `n${each}`;
    const sharing = new NodeSharing({ bus: ports.bus, me, size: () => present.count });
    onTestFinished(() => sharing.stop());
    return { ports, sharing: sharing.share };
  });
  return { nodes, announced, present, bus: ears.bus };
};

type Attempt = () => unknown;

/** The shared rates, and how one more is taken, which rejects or gives more than 0 if it is refused. */
const kinds: Record<
  string,
  { burst: number; everyMs: number; open: (sharing: Sharing) => Attempt }
> = {
  'commands of a user': {
    burst: limits.commandsBurst,
    everyMs: 1000 / limits.commandsPerSecond,
    open: (sharing) => {
      const limited = commandLimits({
        rateLimits: true,
        dailyCommands: 0,
        monotonic: now,
        sharing,
      });
      return () => limited(ada, {} as never, async () => ({ created: false }));
    },
  },
  'password changes of a user': {
    burst: limits.loginsBurst,
    everyMs: limits.loginEveryMs,
    open: (sharing) => {
      const rates = loginLimits(sharing);
      return () => rates.passwordChange(ada as never);
    },
  },
  'registrations and log-ins of an address': {
    burst: limits.loginsBurst,
    everyMs: limits.loginEveryMs,
    open: (sharing) => {
      const rates = loginLimits(sharing);
      return () => rates.registration({ client: '10.0.0.1', site: undefined });
    },
  },
  'registrations and log-ins of a site': {
    burst: limits.loginsBurst * limits.siteFactor,
    everyMs: limits.loginEveryMs / limits.siteFactor,
    open: (sharing) => {
      const rates = loginLimits(sharing);
      let client = 0;
      return () => rates.registration({ client: `${client++}`, site: '2001:db8:1::/48' });
    },
  },
  'requests of an address': {
    burst: 600,
    everyMs: 10,
    open: (sharing) => {
      const rate = { burst: 600, everyMs: 10, siteFactor: limits.siteFactor };
      const rates = new AddressRates({ name: 'requests', ...rate, now, sharing });
      return () => rates.take({ client: '10.0.0.1', site: undefined });
    },
  },
};

const loginLimits = (sharing: Sharing) =>
  createLoginLimits({
    ...{ rateLimits: true, monotonic: now, sharing },
    refusals: { hold: async () => undefined },
  });

/** How many attempts are let through, of so many at each node at once. */
const passed = async (attempts: readonly Attempt[], times: number): Promise<number> => {
  const all = attempts.flatMap((attempt) => Array.from({ length: times }, async () => attempt()));
  const outcomes = Promise.allSettled(all);
  await vi.advanceTimersByTimeAsync(0);
  return (await outcomes).filter((each) => each.status === 'fulfilled' && !(Number(each.value) > 0))
    .length;
};

for (const [name, { burst: max, everyMs, open }] of Object.entries(kinds)) {
  for (const count of [3, 8]) {
    test(`${name}: ${count} nodes at once let through at most twice what one does [W16]`, async () => {
      const attempts = stage(count).nodes.map(({ sharing }) => open(sharing));
      const first = await passed(attempts, 2 * max);
      expect(first).toBeGreaterThanOrEqual(max);
      expect(first).toBeLessThanOrEqual(2 * max);
      // And never more later on than is added meanwhile, however often all are tried.
      let later = 0;
      const rounds = 50;
      for (let round = 0; round < rounds; round++) {
        await vi.advanceTimersByTimeAsync(everyMs);
        later += await passed(attempts, 5);
      }
      expect(first + later).toBeLessThanOrEqual(2 * max + rounds);
      expect(first + later).toBeGreaterThanOrEqual(max + rounds - 1);
    });
  }

  test(`${name}: who uses one node of three has what a single node gives [W16]`, async () => {
    const [{ sharing } = { sharing: undefined }] = stage().nodes;
    const attempt = open(sharing as never);
    expect(await passed([attempt], 2 * max)).toBe(max);
    await vi.advanceTimersByTimeAsync(3 * everyMs);
    expect(await passed([attempt], 10)).toBe(3);
  });
}

test('what a user took on one node is missing on the others, and is added again there', async () => {
  const { nodes } = stage();
  const [here, there] = nodes.map(({ sharing }) => kinds['commands of a user']?.open(sharing));
  expect(await passed([here as Attempt], 20)).toBe(20);
  expect(await passed([there as Attempt], 20)).toBe(10);
  await vi.advanceTimersByTimeAsync(5000);
  expect(await passed([there as Attempt], 50)).toBe(30);
});

test('of the commands of a day all nodes together let through at most twice as many [W16]', async () => {
  const dailyCommands = 20;
  const { nodes } = stage();
  const attempts = nodes.map(({ sharing }): Attempt => {
    const options = { rateLimits: true, dailyCommands, monotonic: now, sharing };
    const limited = commandLimits(options);
    return () => limited(ada, {} as never, async () => ({ created: false }));
  });
  const first = await passed(attempts, 25);
  await vi.advanceTimersByTimeAsync(60_000);
  const total = first + (await passed(attempts, 25));
  expect(total).toBeGreaterThanOrEqual(dailyCommands);
  expect(total).toBeLessThanOrEqual(2 * dailyCommands);
});

test('commands that fail are given back on all nodes', async () => {
  const { nodes } = stage();
  const shared = nodes.map(({ sharing }) =>
    commandLimits({ rateLimits: true, dailyCommands: 5, monotonic: now, sharing }),
  );
  const [here, there] = shared.map((limited): [Attempt, Attempt] => [
    () => limited(ada, {} as never, () => Promise.reject(new Error('failed'))),
    () => limited(ada, {} as never, async () => ({ created: false })),
  ]);
  await passed([here?.[0] as Attempt], 20);
  await vi.advanceTimersByTimeAsync(5000);
  expect(await passed([there?.[1] as Attempt], 20)).toBe(5);
});

test('a user pays for reads on all nodes, with a part of the burst more at most', async () => {
  const { nodes } = stage();
  const worked = { ms: 0 };
  const options = { now, worked: () => worked.ms, hasRate: true };
  const reads = nodes.map(({ sharing }) => new Reads({ ...options, sharing }));
  const pauses = noSleep();
  const read = async (each: Reads | undefined, ms: number): Promise<void> => {
    const reading = each?.run(ada as UserId, async () => {
      worked.ms += ms;
    });
    await vi.advanceTimersByTimeAsync(200);
    await reading;
  };
  for (let times = 0; times < 4; times++) for (const each of reads) await read(each, 300);
  const left = limits.readBurstMs - 12 * 300 + 12 * 0.2 * limits.readMsPerSecond;
  await read(reads[0], 300);
  expect(pauses).toHaveLength(left < 0 ? 1 : 0);
  expect(left).toBeLessThan(0);
});

const rates = (sharing: Sharing, max = 16) => {
  const buckets = new Buckets({ burst: max, everyMs: 1000, now });
  return new Shared(buckets, { name: 'a rate', burst: max, sharing });
};

test('nothing is announced without another node, nor what was refused', async () => {
  const { nodes, announced, present } = stage();
  const rate = rates(nodes[0]?.sharing as Sharing);
  present.count = 1;
  expect(await passed([() => rate.takeWhenReady('a')], 20)).toBe(16);
  await vi.advanceTimersByTimeAsync(1000);
  expect(announced).toEqual([]);
  present.count = 3;
  expect(rate.take('a')).toBe(0);
  for (let times = 0; times < 100; times++) expect(rate.take('a')).toBe(1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(announced.map(({ taken }) => taken)).toEqual([[['a rate', 'a', 1]]]);
});

test('what is taken at one moment is announced together, in messages of bounded size', async () => {
  const { nodes, announced } = stage();
  const rate = rates(nodes[0]?.sharing as Sharing, 1000);
  for (let key = 0; key < 1000; key++) rate.take(`${key}`);
  for (let times = 0; times < 500; times++) rate.take('a');
  await vi.advanceTimersByTimeAsync(200);
  expect(announced.map(({ taken }) => taken.length)).toEqual([256, 256, 256, 233]);
  expect(announced.at(-1)?.taken.at(-1)).toEqual(['a rate', 'a', 500]);
});

test('while announcements are lost each node still has its limit, and nobody waits for long', async () => {
  const { nodes } = stage();
  const all = nodes.map(({ sharing }) => rates(sharing));
  for (const { ports } of nodes) ports.isCut = true;
  const attempts = all.map(
    (rate): Attempt =>
      () =>
        rate.takeWhenReady('a'),
  );
  const passing = passed(attempts, 20);
  await vi.advanceTimersByTimeAsync(500);
  expect(await passing).toBe(3 * 16);
  for (const { ports } of nodes) ports.isCut = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await passed([attempts[0] as Attempt], 20)).toBe(16);
  expect(await passed([attempts[1] as Attempt], 20)).toBe(0);
});

test('announcements that no node sends are ignored, and none takes more than a burst', async () => {
  const { nodes, bus } = stage();
  const rate = rates(nodes[0]?.sharing as Sharing);
  const taken = [
    ...[null, 7, [], ['a rate'], ['another', 'a', 5], ['a rate', 'x'.repeat(200), 5]],
    ...[
      ['a rate', 'a', '5'],
      ['a rate', 5, 5],
      ['a rate', 'a', null],
    ],
  ];
  for (const garbage of [null, 5, 'x', [], {}, { from: 'n0' }, { from: 'n0', n: 'x' }, { taken }]) {
    bus.publish('taken', garbage);
  }
  bus.publish('taken', { from: 'n9', taken: taken.map(() => null) });
  await vi.advanceTimersByTimeAsync(0);
  expect(rate.counter.wait('a')).toBe(0);
  bus.publish('taken', { from: 'n9', taken: [['a rate', 'a', 1e300]] });
  bus.publish('taken', { from: 'n9', taken: [['a rate', 'a', 1e300]] });
  await vi.advanceTimersByTimeAsync(0);
  expect(rate.counter.wait('a')).toBe(17_000);
});
