import { expect, test } from 'vitest';
import { skeletonKeyOf } from '../../../../src/actors/name/skeleton.ts';
import { startSkeletonBackfill } from '../../../../src/actors/name/skeleton-backfill.ts';
import { nameAggregate } from '../../../../src/events/aggregate.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { actorsStage } from '../../../support/fixtures/actors-stage.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { readAll } from '../../../support/fixtures/log-fixtures.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const account = (id: number, username: string) => ({ user: numbered(id) as UserId, username });
const pages = [[account(1, 'adm1n'), account(2, 'ada')], [account(3, 'admln')]];

const stage = (failures = 0) => {
  const log = memoryLog();
  const { actors } = actorsStage(log);
  const errors: Error[] = [];
  const notes = { isDone: false, reads: 0 };
  const start = () =>
    startSkeletonBackfill({
      actors,
      async *accounts() {
        if (notes.reads++ < failures) throw new Error('the store is away');
        yield* pages;
      },
      progress: {
        isDone: async () => notes.isDone,
        done: async () => {
          notes.isDone = true;
        },
      },
      ...{ now: () => epochMs, onError: (error: Error) => errors.push(error), retryMs: 0 },
    });
  return { log, actors, errors, notes, start };
};

test('of those that look alike the first gets the look; a repeat changes nothing', async () => {
  const { log, actors, notes, start } = stage();
  await start().done;
  expect((await actors.holderOf(skeletonKeyOf('admln')))?.user).toBe(numbered(1));
  expect((await actors.holderOf(skeletonKeyOf('ada')))?.user).toBe(numbered(2));
  notes.isDone = false;
  await start().done;
  expect(await readAll(log, nameAggregate(skeletonKeyOf('adm1n')))).toHaveLength(1);
});

test('it is done once', async () => {
  const { notes, start } = stage();
  await start().done;
  await start().done;
  expect(notes).toEqual({ isDone: true, reads: 1 });
});

test('what fails is tried again', async () => {
  const { errors, notes, start } = stage(2);
  await start().done;
  expect(errors).toHaveLength(2);
  expect(notes.isDone).toBe(true);
});

test('stopped, it asks for nothing more', async () => {
  const { log, notes, start } = stage();
  const looks = start();
  looks.stop();
  await looks.done;
  expect(notes.isDone).toBe(false);
  expect(await readAll(log, nameAggregate(skeletonKeyOf('ada')))).toEqual([]);
});
