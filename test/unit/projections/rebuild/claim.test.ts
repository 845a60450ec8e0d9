import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventKey } from '../../../../src/events/event-key.ts';
import { bindToLog } from '../../../../src/projections/binding.ts';
import { claimRebuild } from '../../../../src/projections/rebuild/claim.ts';
import { partsOf } from '../../../../src/projections/rebuild/throttle.ts';
import type { Document } from '../../../../src/store/documents.ts';
import { origins } from '../../../../src/store/origins.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { type MemoryStore, memoryStore } from '../../../contract/doubles/memory-store.ts';
import { until } from '../../../support/checkers/waiting.ts';
import { texts } from '../../../support/generators/chatter.ts';

const log = memoryLog();
const pulse = { beatMs: 5, silentMs: 60 };
const logical = 'texts_v1';
const fresh = 'texts_v1_r1';

let store: MemoryStore;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  store = memoryStore();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const bind = (): Promise<void> =>
  bindToLog(store, { incarnation: log.info.incarnation, projections: [texts], say: () => {} });

const row = async (): Promise<Document | undefined> => store.get(origins.name, logical);

describe('two at once', () => {
  const options = { logical, pulse, anew: false };

  test('the second is refused while the first lives, and goes on when it is silent', async () => {
    await bind();
    const { incarnation } = log.info;
    const first = await claimRebuild({ ...options, store, incarnation, by: 'first' });
    if (first === 'switched') throw new Error('nothing was switched');
    await expect(claimRebuild({ ...options, store, incarnation, by: 'second' })).rejects.toThrow(
      /rebuilt by another process, first/,
    );
    // It is stopped, as by SIGSTOP: its beat ends, and it knows nothing of it.
    await first.release();
    const slow = await claimRebuild({
      ...options,
      store,
      incarnation,
      by: 'slow',
      pulse: { beatMs: 1e6, silentMs: 1 },
    });
    if (slow === 'switched') throw new Error('nothing was switched');
    ends.push(() => slow.release());
    const both = await Promise.allSettled(
      ['third', 'fourth'].map((by) => claimRebuild({ ...options, store, incarnation, by })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const each of both) {
      if (each.status === 'fulfilled' && each.value !== 'switched') {
        const { value } = each;
        ends.push(() => value.release());
      }
    }
    await expect(slow.switchOver()).rejects.toThrow(/by another process, or/);
    expect(await row()).toMatchObject({ rebuilding: fresh });
    expect(await row()).not.toHaveProperty('collection');
  });

  test('one that is known to be over is not waited for', async () => {
    await bind();
    const { incarnation } = log.info;
    const $set = { rebuilding: fresh, rebuilder: 'x' };
    await store.update(origins.name, logical, { $set });
    const patient = { beatMs: 1e6, silentMs: 1e6 };
    const isOver = (by: string) => by === 'x';
    const more = { by: 'me', pulse: patient, isOver };
    const claim = await claimRebuild({ ...options, store, incarnation, ...more });
    if (claim === 'switched') throw new Error('nothing was switched');
    ends.push(() => claim.release());
    expect(await row()).toMatchObject({ rebuilding: fresh, rebuilder: 'me' });
  });

  test('who has lost the right is told', async () => {
    await bind();
    const { incarnation } = log.info;
    const claim = await claimRebuild({ ...options, store, incarnation, by: 'me' });
    if (claim === 'switched') throw new Error('nothing was switched');
    ends.push(() => claim.release());
    await store.update(origins.name, logical, { $set: { rebuilder: 'another' } });
    await until(() => claim.lost.aborted);
    expect((claim.lost.reason as Error).message).toMatch(/by another process, or/);
  });
});

test('a model that was never built, or is of another log, is refused with what to do', async () => {
  const { incarnation } = log.info;
  const claim = () => claimRebuild({ store, logical, incarnation, by: 'me', pulse });
  await expect(claim()).rejects.toThrow(/texts_v1 has not been built yet; start a server/);
  await bindToLog(store, { incarnation: 'other', projections: [texts], say: () => {} });
  await expect(claim()).rejects.toThrow(/texts_v1 was built from another log; start/);
});

test('a batch in portions: cut between commits alone, together what it was', () => {
  const at = (seq: number, index: number) => ({
    ...{ collection: 'c', place: eventKey(seq, index) },
    write: { deleteOne: { filter: { _id: `${seq}/${index}` } } },
  });
  const writes = [at(3, 0), at(3, 1), at(3, 2), at(5, 0), at(6, 0), at(6, 1), at(9, 0)];
  const batch = { projections: ['c'], partition: 0, from: 2, to: 12, writes };
  const portions = partsOf(batch, 2);
  expect(portions.map(({ from, to }) => [from, to])).toEqual([
    [2, 3],
    [3, 6],
    [6, 12],
  ]);
  expect(portions.flatMap((part) => part.writes)).toEqual(writes);
  expect(partsOf({ ...batch, writes: [] }, 2)).toEqual([{ ...batch, writes: [] }]);
  expect(partsOf(batch, 100)).toEqual([batch]);
});
