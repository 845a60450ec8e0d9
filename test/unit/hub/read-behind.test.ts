import { expect, test } from 'vitest';
import { streamAggregate } from '../../../src/events/aggregate.ts';
import type { CircleId, StreamId } from '../../../src/events/ids.ts';
import { Ring } from '../../../src/hub/ring.ts';
import { readBehind } from '../../../src/hub/snapshot.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const aggregate = streamAggregate(numbered(1) as CircleId, numbered(2) as StreamId);
const ringSize = 256;

/** A full ring, and rows that were read while `meanwhile` further events came. */
const stage = ({ applied, meanwhile }: { applied: () => number; meanwhile: number }) => {
  const ring = new Ring(0, 0);
  const push = (count: number): void => {
    for (let left = count; left > 0; left--) {
      const n = ring.head + 1;
      ring.push({ n, seq: n, index: 0, event: stamped('stream-opened', {}) }, 0);
    }
  };
  push(ringSize + 50);
  let reads = 0;
  const deps = {
    hub: { whenReceived: async () => undefined },
    barrier: { waitUntilApplied: async () => undefined, applied: () => applied() },
    partitions: 1,
  };
  const read = async (): Promise<number> => {
    push(meanwhile);
    return ++reads;
  };
  const reading = readBehind(deps as never, { aggregate, ring } as never, read);
  return { ring, reading, reads: () => reads };
};

test('events that come while rows are read do not begin it anew, if the rows hold what the ring lets go of [W6]', async () => {
  const { ring, reading, reads } = stage({ applied: () => ringSize + 40, meanwhile: 200 });
  const { since, n } = await reading;
  expect([reads(), n]).toEqual([1, ring.head]);
  // Nothing is missing between what the rows hold at least and the events that follow.
  expect(since.events[0]?.n).toBeLessThanOrEqual(ringSize + 41);
  expect(since.events.at(-1)?.n).toBe(n);
});

test('rows that may lack what the ring has let go of are read again, and given up in the end [W6]', async () => {
  const { reading, reads } = stage({ applied: () => 50, meanwhile: 1 });
  await expect(reading).rejects.toMatchObject({ problem: { code: 'unavailable' } });
  expect(reads()).toBe(10);
});
