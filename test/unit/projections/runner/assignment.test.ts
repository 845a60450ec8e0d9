import { expect, it } from 'vitest';
import { partitionOf } from '../../../../src/events/aggregate.ts';
import { nowhereElse } from '../../../../src/projections/runner/following.ts';
import { type ReadStore, StoreUnavailable } from '../../../../src/store/store.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { gate, runnerStage, watched } from '../../../support/fixtures/runner-stage.ts';
import { counts, posted, streamNumber } from '../../../support/generators/chatter.ts';

const stage = runnerStage();
const partitions = 4;
const streams = Array.from({ length: 20 }, (_, index) => streamNumber(index));
const revoked = 2;
const isRevoked = (index: number) => partitionOf(streamNumber(index), partitions) === revoked;
const record = (id: number): void => {
  for (const stream of streams) stage.log.record(stream, [posted(id)]);
};
const numbersPosted = () =>
  Object.values(stage.store.contents('counts_v1')).map(
    (row) => (row as { posted?: number }).posted,
  );

it('writes nothing of a revoked partition, follows the others, and goes on from the checkpoint', async () => {
  stage.log = memoryLog({ partitions });
  const seen = watched(stage.store);
  const runner = await stage.start({ store: seen, projections: [counts] });
  record(0);
  await runner.caughtUp();
  await runner.revoke(revoked);
  const before = runner.applied(revoked);
  const batches = seen.batches.length;
  record(1);
  await settle();
  const others = [0, 1, 3].map(async (partition) =>
    runner.whenApplied({ partition, seq: await stage.log.head(partition) }, 1_000),
  );
  await Promise.all(others);
  expect(seen.batches.slice(batches).map(({ partition }) => partition)).not.toContain(revoked);
  expect(runner.applied(revoked)).toBe(before);
  expect(runner.progress()[revoked]).toMatchObject({ state: 'stopped' });
  const late = streams.filter((_, index) => isRevoked(index)).length;
  expect(late).toBeGreaterThan(0);
  expect(numbersPosted().filter((count) => count === 1)).toHaveLength(late);

  runner.assign(revoked);
  await runner.caughtUp();
  expect(numbersPosted()).toEqual(streams.map(() => 2));
  await settle();
  expect(runner.progress()[revoked]).toMatchObject({ state: 'live' });
});

it('resolves a revocation when the batch in flight is stored, and goes on from a checkpoint that another runner moved', async () => {
  const shut = gate();
  const seen = watched(stage.store, () => shut.opened);
  const runner = await stage.start({ store: seen, projections: [counts] });
  stage.log.record(streamNumber(1), [posted(0)]);
  await settle();
  stage.log.record(streamNumber(1), [posted(1)]);
  let isResolved = false;
  const revoking = runner.revoke(0).then(() => {
    isResolved = true;
  });
  await settle();
  expect([isResolved, seen.batches.length]).toEqual([false, 1]);
  shut.open();
  await revoking;
  await settle();
  expect(seen.batches).toHaveLength(1);

  const other = await stage.start({ projections: [counts] });
  await other.caughtUp();
  await other.revoke(0);
  stage.log.record(streamNumber(1), [posted(2)]);
  runner.assign(0);
  await runner.caughtUp();
  expect(seen.batches.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(numbersPosted()).toEqual([3]);
});

it('can be stopped while a partition is revoked, and revoked after it was stopped', async () => {
  const runner = await stage.start({ projections: [counts] });
  await runner.revoke(0);
  await runner.revoke(0);
  await runner.stop();
  await runner.revoke(0);
  expect(runner.progress()).toMatchObject([{ state: 'stopped' }]);
});

/** The store of this test, which is away for now. */
const awayStore = (): ReadStore => {
  const reject = () => Promise.reject(new StoreUnavailable('no answer'));
  return { ...stage.store, prepare: reject, checkpoint: reject };
};

it('has no trouble with a partition that was revoked while the store was away', async () => {
  const runner = await stage.start({ store: awayStore(), projections: [counts] });
  expect(runner.progress()).toMatchObject([{ error: { message: 'no answer' } }]);
  await runner.revoke(0);
  expect(runner.progress()[0]).not.toHaveProperty('error');
});

it('has no trouble with partitions of other nodes when it started while the store was away', async () => {
  const elsewhere = nowhereElse;
  const runner = await stage.start({ store: awayStore(), projections: [counts], elsewhere });
  await settle();
  expect(runner.progress()[0]).not.toHaveProperty('error');
});
