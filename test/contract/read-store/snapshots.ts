import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { circleAggregate } from '../../../src/events/aggregate.ts';
import type { CircleId } from '../../../src/events/ids.ts';
import { snapshotState, snapshots } from '../../../src/store/state/snapshots.ts';
import { numbered } from '../../support/generators/chatter.ts';
import type { Opened } from './opened.ts';

const mongoDocumentMax = 16 * 1024 * 1024;

/** Snapshots of any size, on documents of a bounded one. */
export const snapshotContract = (opened: () => Opened): void => {
  test('a snapshot of more than 16 MB is loaded as it was saved', async () => {
    const { store, second } = opened();
    await store.prepare([snapshots]);
    const aggregate = circleAggregate(randomUUID() as CircleId);
    const options = {
      incarnation: 'a',
      onError: (error: Error): void => {
        throw error;
      },
    };
    const ids = Array.from({ length: 440_000 }, (_, at) => numbered(at));
    expect(JSON.stringify(ids).length).toBeGreaterThan(mongoDocumentMax);
    const snapshot = { version: 1, tail: { n: 1, hash: 'x', seq: 1 }, state: { name: 'Tea' } };
    const own = snapshotState(store, options);
    const whole = { isWhole: true, changes: ids, saved: undefined };
    const saved = await own.save(aggregate, snapshot, whole);
    expect(saved?.count).toBe(ids.length);
    const added = { isWhole: false, changes: [`-${ids[7]}`], saved };
    await own.save(aggregate, snapshot, added);
    const { large, ...loaded } = (await snapshotState(second, options).load(aggregate)) ?? {};
    expect(loaded).toEqual(snapshot);
    expect(large?.parts.flat()).toEqual([...ids, ...added.changes]);
  }, 60_000);
};
