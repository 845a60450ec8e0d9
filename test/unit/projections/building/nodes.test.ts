import { afterEach, expect, test } from 'vitest';
import { AppliedPositions } from '../../../../src/nodes/applied.ts';
import { lagMax } from '../../../../src/projections/building/building.ts';
import { serveModels } from '../../../../src/projections/building/serving.ts';
import type { Projection } from '../../../../src/projections/projection.ts';
import { type ReadStore, StoreUnavailable } from '../../../../src/store/store.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { memoryNodes } from '../../../contract/doubles/memory-nodes.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { until } from '../../../support/checkers/waiting.ts';
import { counts, posted, streamNumber, texts } from '../../../support/generators/chatter.ts';

const partitions = 2;
const far = lagMax + 500;
const raised: Projection = { ...counts, version: 2, earlier: counts };

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Two nodes with a partition each, on what an earlier version has left. */
const stage = async (speed = 1) => {
  const log = memoryLog({ partitions });
  const store = memoryStore();
  const network = memoryNodes();
  const errors: Error[] = [];
  let written = 0;
  const post = (): void => {
    for (const which of [1, 2]) log.record(streamNumber(which), [posted(written++)]);
  };
  const options = {
    ...{ log, collectMs: 0, graceMs: 0, say: () => undefined },
    onError: (error: Error) => errors.push(error),
    ...{ now: Date.now, monotonic: () => performance.now() * speed },
  };
  for (let index = 0; index < far; index++) post();
  const before = await serveModels({ ...options, store, projections: [texts, counts] });
  await before.runner.caughtUp();
  await before.stop();
  const names = ['a', 'b'];
  const start = async (name: string, through: ReadStore = store, model = raised) => {
    const elsewhere = new AppliedPositions({ bus: network.connect().bus, me: name });
    const serving = await serveModels({
      ...{ ...options, store: through, projections: [texts, model], elsewhere },
    });
    const { runner } = serving;
    elsewhere.start(
      runner.shared,
      {
        nodes: () => names.map((id) => ({ id })),
        ownerOf: (partition) => names[partition],
        listen: () => undefined,
      },
      () => runner.counters.events,
    );
    runner.assign(names.indexOf(name));
    ends.push(async () => {
      await serving.stop();
      elsewhere.stop();
    });
    return serving;
  };
  const total = async ({ store: reads, runner }: Awaited<ReturnType<typeof start>>) => {
    await runner.caughtUp();
    const rows = await reads.find('counts_v2', {}, { sort: { _id: 1 }, limit: 10 });
    return rows.reduce((sum, row) => sum + Number(row.posted), 0);
  };
  return { store, post, start, total, errors, written: () => written };
};

test('a model is filled by the node that leads, and read by all from then on', async () => {
  const { store, post, start, total, errors, written } = await stage();
  const [a, b] = [await start('a'), await start('b')];
  expect([a.building()?.models, b.building()?.models]).toEqual([[], []]);
  post();
  for (const node of [a, b]) expect(await total(node)).toBe(written());
  expect(Object.keys(store.contents('counts_v2'))).toEqual([]);
  const stop = a.lead();
  await until(() => a.building() === undefined && b.building() === undefined);
  post();
  for (const node of [a, b]) expect(await total(node)).toBe(written());
  await until(() => Object.keys(store.contents('counts_v1')).length === 0);
  await stop();
  expect(errors).toEqual([]);
}, 60_000);

test('another node continues to fill it where the first had stopped', async () => {
  const { store, start, total, errors, written } = await stage();
  const apply: ReadStore['apply'] = async (batch) => {
    if (batch.projections.includes('counts_v2') && batch.to > 300)
      throw new StoreUnavailable('stuck');
    return store.apply(batch);
  };
  const [a, b] = [await start('a', { ...store, apply }), await start('b')];
  const stop = a.lead();
  await until(async () => (await store.checkpoint('counts_v2', 0)) > 0);
  await stop();
  const left = await store.checkpoint('counts_v2', 0);
  expect(left).toBeLessThanOrEqual(300);
  ends.push(b.lead());
  await until(async () => (await store.checkpoint('counts_v2', 0)) >= far);
  expect(await total(b)).toBe(written());
  expect(errors).toEqual([]);
}, 60_000);

test('a new model that fails on the node that fills it is not waited for on the others', async () => {
  const { start } = await stage();
  const broken: Projection = {
    ...counts,
    version: 2,
    on: {
      'message-posted': () => {
        throw new Error('broken');
      },
    },
  };
  const [a, b] = [await start('a', undefined, broken), await start('b', undefined, broken)];
  expect(b.building()?.models).toEqual(['counts']);
  ends.push(a.lead());
  await until(() => a.building() === undefined && b.building() === undefined);
  for (const { store: reads } of [a, b]) {
    await expect(reads.get('counts_v2', 'any')).rejects.toThrow('counts has stopped');
  }
}, 60_000);

test('a model that no other node fills is filled by one that needs it', async () => {
  const { store, start, total, errors, written } = await stage(20);
  const earlier = await start('a', undefined, counts);
  const b = await start('b');
  ends.push(earlier.lead());
  await until(async () => (await store.checkpoint('counts_v2', 0)) >= far);
  // Read by all once the earlier node has ended: it does not follow this model.
  expect(await total(b)).toBe(written());
  expect(errors).toEqual([]);
}, 60_000);
