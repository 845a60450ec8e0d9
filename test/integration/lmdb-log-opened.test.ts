import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { emptyTail } from '../../src/events/log.ts';
import { temporaryFolder } from '../support/fixtures/log-child.ts';
import { aUserAggregate, commitAfter, readAll } from '../support/fixtures/log-fixtures.ts';
import { spawnNode } from '../support/fixtures/server-process.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await folder.remove();
});

test('nothing that was acknowledged is lost while other processes open the log', async () => {
  const { path } = folder;
  const log = await openLmdbLog({ path });
  const opener = () => spawnNode(['--import', 'tsx', 'test/support/fixtures/log-opener.ts', path]);
  const openers = [opener(), opener()];
  for (const each of openers) await each.said(/^opens$/m);
  const aggregate = aUserAggregate();
  let tail = emptyTail;
  for (let appended = 0; appended < 400; appended++) {
    tail = await log.append(aggregate, commitAfter(tail), tail);
  }
  for (const each of openers) await each.kill();
  const numbers = (await readAll(log, aggregate)).map(({ commit }) => commit.n);
  await log.close();
  expect(numbers).toHaveLength(400);
  const again = await openLmdbLog({ path });
  expect((await readAll(again, aggregate)).map(({ commit }) => commit.n)).toEqual(numbers);
  await again.close();
});
