import { describe, expect, test } from 'vitest';
import { statusesOf } from '../../../src/projections/status.ts';
import { readerOf } from '../../../src/store/document-reader.ts';
import { origins } from '../../../src/store/origins.ts';
import { desiredState } from '../../../src/store/state/desired-states.ts';
import { type Run, runStaleMs, runState } from '../../../src/store/state/runs.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';

const now = 1_000_000;
const builtIn = [{ name: 'users', version: 2 }];

const runOf = (id: string, more: Partial<Run> = {}): Run => {
  const [, name = '', version] = /^(.+)_v(\d+)/.exec(id) ?? [];
  return {
    ...{ id, name, version: Number(version), by: 'attached', runner: 'h/1', state: 'live' },
    ...{ since: 1, at: now, applied: [7, 9], heads: [10, 10], events: 3, rate: 1 },
    ...more,
  };
};

const stage = () => {
  const store = memoryStore();
  const look = (
    heads = new Map([
      [0, 10],
      [1, 20],
    ]),
  ) => statusesOf({ reader: readerOf(store), builtIn, heads, now });
  const bind = (logical: string, more: object = {}) =>
    store.put(origins.name, { _id: logical, incarnation: 'i', ...more });
  const fill = (collection: string, partition: number, to: number) =>
    store.apply({ projections: [collection], partition, from: 0, to, writes: [] });
  return { store, look, bind, fill, runs: runState(store), wishes: desiredState(store) };
};

describe('how projections stand', () => {
  test('by their checkpoints, whatever was told last', async () => {
    const { bind, fill, look, runs } = stage();
    await bind('users_v1');
    await bind('users_v2');
    await bind('mine_v3');
    await fill('mine_v3', 0, 8);
    await fill('mine_v3', 1, 20);
    await runs.report(runOf('mine_v3'));
    expect(await look()).toEqual([
      {
        ...{ name: 'users', version: 2, isOwn: true, collection: 'users_v2' },
        ...{ state: 'not running', applied: [0, 0], heads: [10, 20], lag: 30 },
      },
      {
        ...{ name: 'mine', version: 3, isOwn: false, collection: 'mine_v3', state: 'live' },
        ...{ applied: [8, 20], heads: [10, 20], lag: 2, run: runOf('mine_v3') },
      },
    ]);
  });

  test('in one partition, if no other was asked for', async () => {
    const { bind, fill, look, runs } = stage();
    await bind('mine_v1');
    await fill('mine_v1', 1, 15);
    await runs.report(runOf('away_v1'));
    const [, mine, away] = await look(new Map([[1, 20]]));
    expect(mine).toMatchObject({ applied: [15], heads: [20], lag: 5 });
    expect(away).toMatchObject({ name: 'away', applied: [9], heads: [20], lag: 11 });
  });

  test('through the pointer; what is being rebuilt is one more', async () => {
    const { bind, fill, look, runs } = stage();
    await bind('users_v2', { collection: 'users_v2_r1', rebuilding: 'users_v2_r2' });
    await fill('users_v2_r1', 0, 10);
    await fill('users_v2_r2', 0, 4);
    await runs.report(runOf('users_v2', { state: 'failed' }));
    await runs.report(runOf('users_v2_r1', { by: 'server' }));
    await runs.report(runOf('users_v2_r2', { by: 'rebuild', state: 'catching-up' }));
    expect(
      (await look()).map(({ collection, state, applied }) => [collection, state, applied]),
    ).toEqual([
      ['users_v2_r1', 'live', [10, 0]],
      ['users_v2_r2', 'catching-up', [4, 0]],
    ]);
  });

  test('one whose rows are elsewhere, by what it told', async () => {
    const { look, runs } = stage();
    await runs.report(runOf('away_v1'));
    const [, away] = await look();
    expect(away).toMatchObject({ name: 'away', applied: [7, 9], lag: 14, state: 'live' });
    expect(away).not.toHaveProperty('collection');
  });

  const failure = { message: 'm', at: 1 };
  test.each<[Partial<Run>, boolean, string]>([
    [{ state: 'catching-up' }, false, 'catching-up'],
    [{ state: 'failed', failure }, false, 'failed'],
    [{ at: now - runStaleMs }, false, 'live'],
    [{ at: now - runStaleMs - 1 }, false, 'not running'],
    [{ state: 'failed', failure, at: 0 }, false, 'failed'],
    [{ state: 'stopped' }, false, 'not running'],
    [{ state: 'stopped', failure }, false, 'failed'],
    [{ state: 'stopped' }, true, 'stopped'],
    [{ state: 'stopped', failure }, true, 'stopped'],
    [{ at: 0 }, true, 'stopped'],
  ])('told %j, wanted to be stopped %j: %s', async (more, isStopped, state) => {
    const { bind, look, runs, wishes } = stage();
    await bind('mine_v1');
    await runs.report(runOf('mine_v1', more));
    if (isStopped) await wishes.make('mine', { wanted: 'stopped', at: 1 });
    expect((await look())[1]?.state).toBe(state);
  });
});
