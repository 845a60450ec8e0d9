import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Projection } from '../../../src/projections/projection.ts';
import { type ModelsNode, modelsStage, type Written } from '../../support/fixtures/models-stage.ts';
import { counts, texts } from '../../support/generators/chatter.ts';

const partitions = 4;
const streams = 6;
const fresh = 'counts_v1_r1';
const parameters = { seed: 20_261_130, numRuns: 150, verbose: 1 } as const;

type Stage = ReturnType<typeof modelsStage>;

/** The counts, in a version that cannot be applied. */
const broken: Projection = {
  ...counts,
  on: {
    'message-posted': () => {
      throw new Error('broken');
    },
  },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const advance = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Resolves when what was written is applied, as seen by a node. */
const whenApplied = async ({ runner }: ModelsNode, written: Written): Promise<void> => {
  const applied = runner.whenApplied(written, 10_000);
  await Promise.all([applied, advance(2000)]);
};

const countIn = ({ store }: Stage, { reads }: ModelsNode, { stream }: Written): unknown =>
  store.contents(reads)[stream]?.posted;

/** What a node has applied is in what it reads. */
const checkReads = (stage: Stage, written: readonly Written[]): void => {
  for (const node of stage.nodes) {
    for (const each of written) {
      if (node.runner.applied(each.partition) < each.seq) continue;
      const read = Number(countIn(stage, node, each) ?? 0);
      expect(read, `${node.id} reads ${node.reads}`).toBeGreaterThanOrEqual(each.posted);
    }
  }
};

/** Has a node read the new collection of the counts once all are ready. */
const exchange = (node: ModelsNode): Promise<void> =>
  node.runner.exchange(counts, { from: 'counts_v1', to: fresh }, () => {
    node.reads = fresh;
  });

test('every node knows what the others have applied', async () => {
  const stage = modelsStage(partitions);
  await stage.join();
  await stage.join();
  await stage.spread();
  const written = [1, 2, 3, 4, 5, 6].map((which) => stage.write(which));
  for (const node of stage.nodes) {
    for (const each of written) {
      await whenApplied(node, each);
      expect(countIn(stage, node, each)).toBe(1);
    }
  }
  const late = await stage.join();
  for (const each of written) await whenApplied(late, each);
  expect(late.runner.progress().map(({ state }) => state)).toEqual(Array(partitions).fill('live'));
  const events = stage.nodes.map(({ runner, applied }) => runner.counters.events + applied.events);
  expect(events).toEqual([6, 6, 6]);
  await stage.stop();
});

test('a message that was lost costs a second, not the knowledge', async () => {
  const stage = modelsStage(partitions);
  const a = await stage.join();
  const b = await stage.join();
  for (let partition = 0; partition < partitions; partition++) await stage.move(partition, a);
  await advance(1500);
  a.port.isCut = true;
  const written = stage.write(1);
  await whenApplied(a, written);
  expect(b.runner.applied(written.partition)).toBeLessThan(written.seq);
  a.port.isCut = false;
  await whenApplied(b, written);
  await stage.stop();
});

test('a collection is read when every node fills it, and kept while one may read it', async () => {
  const stage = modelsStage(partitions);
  const [a, b] = [await stage.join(), await stage.join()];
  await stage.spread();
  const before = stage.write(1);
  for (const node of stage.nodes) await whenApplied(node, before);
  const here = exchange(a);
  await advance(3000);
  expect([a.reads, b.reads]).toEqual(['counts_v1', 'counts_v1']);
  const there = exchange(b);
  await advance(3000);
  await Promise.all([here, there]);
  expect([a.reads, b.reads]).toEqual([fresh, fresh]);
  await advance(3000);
  expect([a.applied.mayRead('counts_v1'), a.applied.mayRead(fresh)]).toEqual([false, true]);
  const after = [1, 2, 3, 4].map((which) => stage.write(which));
  for (const node of stage.nodes) {
    for (const each of after) await whenApplied(node, each);
  }
  checkReads(stage, after);
  await stage.stop();
});

test('a projection that fails on one node is left out on all, and the others continue', async () => {
  const stage = modelsStage(partitions);
  const a = await stage.join([texts, broken]);
  const b = await stage.join();
  for (let partition = 0; partition < partitions; partition++) await stage.move(partition, a);
  const written = stage.write(1);
  await whenApplied(b, written);
  for (const { runner } of stage.nodes) expect([...runner.failures().keys()]).toEqual(['counts']);
  expect(b.errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^counts_v1 is filled no more by another node: /),
  ]);
  await stage.stop();
});

test('a failed model that was rebuilt stays, although a node has not switched over yet', async () => {
  const stage = modelsStage(partitions);
  const a = await stage.join([texts, broken]);
  const late = await stage.join();
  for (let partition = 0; partition < partitions; partition++) await stage.move(partition, a);
  await whenApplied(late, stage.write(1));
  expect(late.runner.failures().has('counts')).toBe(true);
  await Promise.all([exchange(a), advance(1000)]);
  await advance(5000);
  expect([...a.runner.failures().keys()]).toEqual([]);
  await Promise.all([exchange(late), advance(5000)]);
  const written = stage.write(1);
  for (const node of stage.nodes) {
    await whenApplied(node, written);
    expect([node.reads, [...node.runner.failures().keys()]]).toEqual([fresh, []]);
    expect(countIn(stage, node, written)).toBe(2);
  }
  await stage.stop();
});

const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      which: fc.integer({ min: 1, max: streams }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      partition: fc.nat(partitions - 1),
      node: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), node: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mend' as const), node: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('exchange' as const), node: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 1500 }),
    }),
  },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

test(
  `law of applied positions, seed ${parameters.seed}: what a node counts as applied is in what it reads, and in the end all read all`,
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 60, size: 'max' }), async (play) => {
        const stage = modelsStage(partitions);
        for (let node = 0; node < 3; node++) await stage.join();
        await stage.spread();
        const written: Written[] = [];
        const exchanges = new Map<ModelsNode, Promise<void>>();
        const begin = (node: ModelsNode): void => {
          if (!exchanges.has(node)) exchanges.set(node, exchange(node));
        };
        const nodeOf = (index: number): ModelsNode => stage.nodes[index] as ModelsNode;
        const setCut = (index: number, isCut: boolean): void => {
          nodeOf(index).port.isCut = isCut;
        };
        const take: { [S in Step as S['do']]: (step: S) => unknown } = {
          write: ({ which }) => written.push(stage.write(which)),
          wait: ({ ms }) => advance(ms),
          move: ({ partition, node }) => stage.move(partition, nodeOf(node)),
          exchange: ({ node }) => begin(nodeOf(node)),
          cut: ({ node }) => setCut(node, true),
          mend: ({ node }) => setCut(node, false),
        };
        for (const step of play) {
          await take[step.do](step as never);
          checkReads(stage, written);
          await advance(1);
          checkReads(stage, written);
        }
        for (const node of stage.nodes) {
          node.port.isCut = false;
          begin(node);
        }
        await Promise.all([...exchanges.values(), advance(10_000)]);
        for (const node of stage.nodes) {
          expect(node.reads).toBe(fresh);
          for (const each of written) {
            expect(node.runner.applied(each.partition)).toBeGreaterThanOrEqual(each.seq);
          }
        }
        checkReads(stage, written);
        expect(stage.nodes.flatMap(({ errors }) => errors)).toEqual([]);
        await stage.stop();
      }),
      parameters,
    ),
  60_000,
);
