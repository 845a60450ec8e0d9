import { expect, test } from 'vitest';
import { AppendFailure, emptyTail } from '../../../src/events/log.ts';
import { appendTrouble } from '../../../src/monitoring/append-trouble.ts';
import { watched } from '../../../src/monitoring/measurements.ts';
import { readiness } from '../../../src/monitoring/readiness.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';
import { tallied } from '../../support/checkers/tally.ts';
import { commitAfter } from '../../support/fixtures/log-fixtures.ts';

const stage = () => {
  const time = { ms: 0 };
  const trouble = appendTrouble(() => time.ms);
  const failure = { next: undefined as Error | undefined };
  const memory = memoryLog();
  const append: typeof memory.append = async (...args) => {
    if (failure.next) throw failure.next;
    return memory.append(...args);
  };
  const log = watched(
    { ...memory, append },
    { clock: { complete: (_, commit) => commit }, onAppended: () => undefined, trouble },
  );
  const progress = { partition: 0, state: 'live', applied: 0, head: 0 } as const;
  const runner = { progress: () => [progress] };
  const building = () => undefined;
  const owner = { of: 'this node' as string | undefined };
  const membership = { ownerOf: () => owner.of };
  const store = memoryStore();
  const unready = readiness({ log, trouble, store, runner, membership, building });
  const write = () =>
    log.append(tallied, commitAfter(emptyTail), emptyTail).catch((error: unknown) => error);
  return { time, failure, owner, unready, write };
};

test('a log that takes nothing for a reason that somebody must remove is not ready, with the remedy', async () => {
  const { failure, unready, write } = stage();
  expect(await unready()).toBeUndefined();
  failure.next = new AppendFailure('full', 'no room', { remedy: 'free space' });
  expect(await write()).toBe(failure.next);
  expect(await unready()).toBe('free space');
  failure.next = undefined;
  await write();
  expect(await unready()).toBeUndefined();
});

test('after 30 s without an append it is worth another try', async () => {
  const { time, failure, unready, write } = stage();
  failure.next = new AppendFailure('unavailable', 'it stores nothing', { remedy: 'restart it' });
  await write();
  time.ms += 30_000;
  expect(await unready()).toBe('restart it');
  time.ms += 1;
  expect(await unready()).toBeUndefined();
});

test('what passes by itself makes nothing unready', async () => {
  const { failure, unready, write } = stage();
  failure.next = new AppendFailure('conflict', 'overtaken');
  await write();
  expect(await unready()).toBeUndefined();
});

test('a partition that no node runs is named', async () => {
  const { owner, unready } = stage();
  owner.of = undefined;
  expect(await unready()).toBe('no node runs partition 0 yet');
  owner.of = 'another node';
  expect(await unready()).toBeUndefined();
});
