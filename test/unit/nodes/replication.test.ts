import { expect, onTestFinished, test, vi } from 'vitest';
import type { Bus } from '../../../src/engine/nodes.ts';
import { noReplication } from '../../../src/nodes/nodes.ts';
import { Replication } from '../../../src/nodes/replication.ts';
import { type MemoryNode, memoryNodes } from '../../contract/doubles/memory-nodes.ts';

type Staged = {
  readonly id: string;
  readonly ports: MemoryNode;
  readonly replication: Replication;
  readonly own: Map<string, number>;
  /** What it knows of others: `a x 1`. */
  known(): string[];
  set(key: string, value: number | undefined): void;
};

/** Nodes that replicate one set of numbers, in virtual time. */
const stage = () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const network = memoryNodes();
  const nodes: Staged[] = [];
  const alive = new Set<string>();
  const sent: { topic: string; message: unknown }[] = [];
  /** Messages that get lost. */
  const lost = { isLost: (_topic: string): boolean => false };

  const changed = (): void => {
    for (const { replication } of nodes) replication.nodesChanged();
  };
  const join = (id: string, name = 'numbers'): Staged => {
    const ports = network.connect();
    const bus: Bus = {
      ...ports.bus,
      publish(topic, message) {
        sent.push({ topic, message });
        if (!lost.isLost(topic)) ports.bus.publish(topic, message);
      },
    };
    const others = () =>
      [...alive].filter((each) => each !== id).map((each) => ({ id: each }) as never);
    const replication = new Replication({ bus, me: id, others, now: () => Date.now() });
    const own = new Map<string, number>();
    const seen = new Map<string, number>();
    const mark = replication.replicate<number>(name, {
      keys: () => own.keys(),
      value: (key) => own.get(key),
      onChange({ node, key, value }) {
        if (value === undefined) seen.delete(`${node} ${key}`);
        else seen.set(`${node} ${key}`, value);
      },
    });
    replication.start();
    onTestFinished(() => replication.stop());
    const node: Staged = {
      ...{ id, ports, replication, own },
      known: () => [...seen].map(([key, value]) => `${key} ${value}`).sort(),
      set(key, value) {
        if (value === undefined) own.delete(key);
        else own.set(key, value);
        mark(key);
      },
    };
    nodes.push(node);
    alive.add(id);
    changed();
    return node;
  };
  const end = ({ id, replication }: Staged): void => {
    replication.stop();
    alive.delete(id);
    changed();
  };
  const advance = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  return { join, end, advance, sent, lost };
};

test('what a node sets and deletes is known to the others within the delay', async () => {
  const { join, advance } = stage();
  const [a, b, c] = [join('a'), join('b'), join('c')];
  await advance(1000);
  a.set('x', 1);
  b.set('x', 2);
  await advance(a.replication.delayMs);
  expect([a, b, c].map((node) => node.known())).toEqual([['b x 2'], ['a x 1'], ['a x 1', 'b x 2']]);
  a.set('x', undefined);
  b.set('x', 3);
  await advance(a.replication.delayMs);
  expect(c.known()).toEqual(['b x 3']);
});

test('changes are sent together, and nothing while there is nobody else', async () => {
  const { join, advance, sent } = stage();
  const a = join('a');
  a.set('x', 1);
  a.replication.send('hello', {});
  await advance(5000);
  expect(sent).toEqual([]);
  join('b');
  await advance(3000);
  sent.splice(0);
  for (let key = 0; key < 100; key++) a.set(`${key}`, key);
  await advance(100);
  expect(sent.filter(({ message }) => 'entries' in (message as object))).toHaveLength(1);
});

test('a node that starts late learns everything, also what was set while the other was alone', async () => {
  const { join, advance } = stage();
  const a = join('a');
  for (let key = 0; key < 3; key++) a.set(`${key}`, key);
  await advance(1000);
  const b = join('b');
  await advance(100);
  expect(b.known()).toEqual(['a 0 0', 'a 1 1', 'a 2 2']);
});

test('the entries of a node that has ended are gone, and it may come back', async () => {
  const { join, end, advance } = stage();
  const [a, b] = [join('a'), join('b')];
  a.set('x', 1);
  await advance(2000);
  expect(b.known()).toEqual(['a x 1']);
  end(a);
  expect(b.known()).toEqual([]);
  const again = join('a');
  again.set('y', 2);
  await advance(3000);
  expect(b.known()).toEqual(['a y 2']);
});

test.each(['state', 'ask.b', 'state.b'])('a lost message on %s is made up for', async (topic) => {
  const { join, advance, lost } = stage();
  const [a, b] = [join('a'), join('b')];
  a.set('x', 1);
  a.set('y', 1);
  await advance(3000);
  lost.isLost = (each) => each === 'state' || each === topic;
  a.set('x', 2);
  a.set('y', undefined);
  await advance(100);
  expect(b.known()).toEqual(['a x 1', 'a y 1']);
  lost.isLost = (each) => each !== 'state' && each === topic;
  await advance(3000);
  lost.isLost = () => false;
  await advance(3000);
  expect(b.known()).toEqual(['a x 2']);
});

test('many entries are sent in messages that fit, and one of them that is lost is noticed', async () => {
  const { join, advance, sent, lost } = stage();
  const a = join('a');
  for (let key = 0; key < 30_000; key++) a.set(`a key of a fair length ${key}`, key);
  await advance(100);
  let parts = 0;
  lost.isLost = (topic) => topic === 'state.b' && ++parts === 2;
  const b = join('b');
  await advance(500);
  expect(b.known().length).toBeLessThan(30_000);
  await advance(3000);
  expect(b.known()).toHaveLength(30_000);
  const sizes = sent.map(({ message }) => JSON.stringify(message).length);
  expect(sizes.length).toBeGreaterThan(8);
  expect(Math.max(...sizes)).toBeLessThan(260_000);
});

test('nodes are asked one after the other, and one that does not answer keeps nobody waiting for ever', async () => {
  const { join, advance, lost, sent } = stage();
  const [a, b, c] = [join('a'), join('b'), join('c')];
  for (const node of [a, b, c]) node.set('x', 1);
  await advance(3000);
  lost.isLost = (topic) => topic === 'ask.a';
  sent.splice(0);
  const d = join('d');
  await advance(50);
  const asked = sent.filter(({ message }) => (message as { from: string }).from === 'd');
  expect(asked.map(({ topic }) => topic).filter((topic) => /^ask/.test(topic))).toEqual(['ask.a']);
  await advance(8000);
  expect(d.known()).toEqual(['b x 1', 'c x 1']);
});

test('sets, fields and topics that a node does not know are ignored', async () => {
  const { join, advance } = stage();
  const [a, b] = [join('a', 'of a later version'), join('b')];
  b.set('x', 1);
  a.set('x', 1);
  const messages: unknown[] = [];
  b.replication.hear('known', (message) => messages.push(message));
  await advance(2000);
  a.replication.send('unknown', {});
  a.replication.send('known', { it: 1 });
  b.replication.send('known', { own: 1 });
  await advance(2000);
  expect([a.known(), b.known(), messages]).toEqual([[], [], [{ it: 1 }]]);
});

test('a set that is added later is learnt too', async () => {
  const { join, advance } = stage();
  const [a, b] = [join('a'), join('b')];
  await advance(2000);
  const seen: unknown[] = [];
  a.replication.replicate('late', { keys: () => ['k'], value: () => 5, onChange: () => undefined });
  b.replication.replicate('late', {
    keys: () => [],
    value: () => undefined,
    onChange: (change) => seen.push(change),
  });
  await advance(4000);
  expect(seen).toEqual([{ node: 'a', key: 'k', value: 5 }]);
});

test('what changes together arrives in the order in which the sets were added', async () => {
  const { join, advance } = stage();
  const [a, b] = [join('a', 'unused'), join('b', 'unused')];
  const arrived: string[] = [];
  const marks = ['first', 'second'].map((name) => {
    const value = (): number => 1;
    b.replication.replicate(name, { keys: () => [], value, onChange: () => arrived.push(name) });
    return a.replication.replicate(name, { keys: () => [], value, onChange: () => undefined });
  });
  await advance(5000);
  for (const mark of marks.toReversed()) mark('key');
  await advance(100);
  expect(arrived).toEqual(['first', 'second']);
});

test('a node that is alone shares nothing', () => {
  const asked: string[] = [];
  noReplication.replicate('x', {
    keys: () => [],
    value: (key) => asked.push(key),
    onChange: () => undefined,
  })('key');
  noReplication.send('x', {});
  noReplication.hear('x', () => undefined);
  expect([asked, noReplication.delayMs]).toEqual([[], 0]);
});
