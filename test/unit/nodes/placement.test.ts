import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { nodesStage, type StagedNode } from '../../support/fixtures/nodes-stage.ts';

const partitions = 8;
/** After this, nodes have got their shares. */
const settleMs = 9000;
const stage = () => nodesStage(memoryLog({ partitions }));

const shares = (...nodes: readonly StagedNode[]): number[] =>
  nodes.flatMap((node) => node.mine()).sort((a, b) => a - b);

test('the first node runs everything, in the first term', async () => {
  const { join, all, stored } = stage();
  const a = await join('a');
  expect(a.mine()).toEqual(all);
  expect([...a.assigned]).toEqual(all);
  expect(stored().table?.partitions).toEqual(all.map(() => ({ owner: 'a', term: 1 })));
  expect(stored().table?.nodes).toMatchObject({ a: { host: 'here' } });
});

test('a second node gets its share, and the terms of what it gets grow', async () => {
  const { join, advance, all, stored } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  expect(b.mine()).toHaveLength(4);
  expect(shares(a, b)).toEqual(all);
  expect([...b.assigned]).toEqual(b.mine());
  expect([...a.assigned].sort()).toEqual(a.mine());
  for (const [partition, placed] of stored().table?.partitions.entries() ?? []) {
    const owner = b.mine().includes(partition) ? 'b' : 'a';
    expect(placed).toEqual({ owner, term: owner === 'b' ? 2 : 1 });
  }
});

test('a node that leaves hands everything over before it is gone', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  const leaving = a.leave();
  await advance(10);
  await leaving;
  expect(a.mine()).toEqual([]);
  expect(a.assigned.size).toBe(0);
  expect(b.mine()).toEqual(all);
});

test('the last node that leaves sets everything free, and the next takes it at once', async () => {
  const { join, all, stored } = stage();
  const a = await join('a');
  const { revision } = stored();
  await a.leave();
  a.stop();
  expect(stored().revision - revision).toBeLessThanOrEqual(2);
  expect(stored().table?.partitions.every(({ owner }) => owner === null)).toBe(true);
  const b = await join('b');
  expect(b.mine()).toEqual(all);
});

test('the partitions of a node that has crashed are taken after 5 s, not before', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  const before = b.mine();
  a.crash();
  await advance(3900);
  expect(b.mine()).toEqual(before);
  await advance(3000);
  expect(b.mine()).toEqual(all);
});

test('a node that starts after the only one has crashed takes over after 5 s, not before', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  a.crash();
  const b = await join('b');
  await advance(3900);
  expect(b.mine()).toEqual([]);
  await advance(3000);
  expect(b.mine()).toEqual(all);
});

test('a node that is cut off stops to answer before others take over, and gives up when it is back', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  a.ports.isCut = true;
  await advance(4000);
  expect(a.mine()).toEqual([]);
  expect(b.mine()).toHaveLength(4);
  await advance(3000);
  expect(b.mine()).toEqual(all);
  a.ports.isCut = false;
  await advance(5000);
  expect(shares(a, b)).toEqual(all);
  expect([...a.assigned].sort()).toEqual(a.mine());
});

test('a node that misses another one only since it is cut off itself does not count as alone', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  b.crash();
  await advance(4500);
  a.ports.isCut = true;
  await advance(5000);
  expect([a.nodes().length, a.mine()]).toEqual([1, []]);
  a.ports.isCut = false;
  await advance(8000);
  expect(a.mine()).toEqual(all);
});

test('a node that is back takes nothing from one that started meanwhile and is cut off by now', async () => {
  const { join, advance } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  a.ports.isCut = true;
  const c = await join('c');
  await advance(7000);
  expect(shares(b, c)).toHaveLength(8);
  expect(c.mine()).not.toEqual([]);
  a.ports.isCut = false;
  c.ports.isCut = true;
  for (let ms = 0; ms < 12_000; ms += 100) {
    await advance(100);
    const answered = shares(a, b, c);
    expect(answered).toEqual([...new Set(answered)]);
  }
});

test('a node that was always alone goes on while it is cut off', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  a.ports.isCut = true;
  await advance(60_000);
  expect(a.mine()).toEqual(all);
});

test('servers that are away are reported once each time, with the reason', async () => {
  const { join, advance, errors } = stage();
  const a = await join('a');
  for (const times of [1, 2]) {
    a.ports.isCut = true;
    await advance(30_000);
    expect(errors).toHaveLength(times);
    expect(errors.at(-1)?.message).toContain('which node runs which partition cannot be read');
    expect(errors.at(-1)?.cause).toEqual(new Error('the connection is cut'));
    a.ports.isCut = false;
    await advance(5000);
  }
  a.ports.isCut = true;
  a.stop();
  await advance(5000);
  expect(errors).toHaveLength(2);
});

test('a node that is alone does not wait long for a placement that does not answer', async () => {
  const { join, advance } = stage();
  const a = await join('a');
  a.ports.placement.write = () => new Promise(() => undefined);
  let hasLeft = false;
  void a.leave().then(() => {
    hasLeft = true;
  });
  await advance(900);
  expect(hasLeft).toBe(false);
  await advance(200);
  expect(hasLeft).toBe(true);
});

test('a lost message about a change is made up for by reading', async () => {
  const { join, advance, all } = stage();
  const a = await join('a');
  const b = await join('b');
  await advance(settleMs);
  const publish = a.ports.bus.publish;
  Object.assign(a.ports.bus, {
    publish: (topic: string, message: unknown) => topic !== 'placement' && publish(topic, message),
  });
  const leaving = a.leave();
  await advance(3000);
  await leaving;
  expect(b.mine()).toEqual(all);
});

test('a record that was replaced by an older one is reported, and does not keep the node busy', async () => {
  const { join, advance, errors } = stage();
  const a = await join('a');
  let writes = 0;
  const write = async (): Promise<undefined> => {
    writes++;
    return undefined;
  };
  Object.assign(a.ports.placement, { write });
  const leaving = a.leave();
  await advance(1000);
  await leaving;
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThan(5);
  expect(errors.map(({ cause }) => (cause as Error).message)).toEqual([
    'it was replaced by an older one',
  ]);
});

type Step =
  | { readonly op: 'join' }
  | { readonly op: 'leave' | 'crash' | 'cut' | 'heal'; readonly node: number }
  | { readonly op: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('join' as const) }),
    fc.record({
      op: fc.constantFrom('leave' as const, 'crash' as const, 'cut' as const, 'heal' as const),
      node: fc.nat({ max: 4 }),
    }),
    fc.record({ op: fc.constant('wait' as const), ms: fc.integer({ min: 10, max: 8000 }) }),
  ),
  { minLength: 3, maxLength: 25 },
);

/** Runs a schedule, and checks after each moment that no partition is answered by two nodes. */
const playground = async () => {
  const { join, advance, all } = stage();
  const nodes = [await join('n0'), await join('n1')];
  let joined = nodes.length;
  const wait = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 250) {
      await advance(Math.min(250, left));
      const answered = shares(...nodes);
      expect(answered).toEqual([...new Set(answered)]);
    }
  };
  const end = async (node: StagedNode, isOrderly: boolean): Promise<void> => {
    if (nodes.length === 1) return;
    nodes.splice(nodes.indexOf(node), 1);
    if (!isOrderly || node.ports.isCut) {
      node.crash();
      return;
    }
    const leaving = node.leave();
    await wait(100);
    await leaving;
    node.stop();
  };
  const run = async (step: Step): Promise<void> => {
    if (step.op === 'wait') return wait(step.ms);
    if (step.op === 'join') {
      if (nodes.length < 4) nodes.push(await join(`n${joined++}`));
      return;
    }
    const node = nodes[step.node % nodes.length];
    if (!node) return;
    // One that does not know another goes on while it is cut off.
    if (step.op === 'cut') node.ports.isCut = node.nodes().length > 1;
    else if (step.op === 'heal') node.ports.isCut = false;
    else await end(node, step.op === 'leave');
  };
  return { all, nodes, wait, run };
};

test('no partition is ever answered by two nodes, and in the end each by one', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (schedule) => {
      const { all, nodes, wait, run } = await playground();
      await wait(200);
      for (const step of schedule) await run(step);
      for (const node of nodes) node.ports.isCut = false;
      await wait(25_000);
      expect(shares(...nodes)).toEqual(all);
      for (const node of nodes) {
        expect(node.mine().length).toBeLessThanOrEqual(Math.ceil(partitions / nodes.length));
        expect([...node.assigned].sort()).toEqual(node.mine());
        node.crash();
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);
