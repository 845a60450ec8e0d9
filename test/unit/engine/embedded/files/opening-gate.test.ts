import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  openBesideWriters,
  whileOthersOpen,
} from '../../../../../src/engine/embedded/files/opening-gate.ts';

let file: string;
let mark: string;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-gate-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  file = join(dir, 'log.mdb');
  mark = `${file}-opening`;
  writeFileSync(file, 'x');
});

test('those who write wait while another process opens the file, and not otherwise', async () => {
  expect(whileOthersOpen(file)).toBeUndefined();
  const log: string[] = [];
  let writes: Promise<unknown> | undefined;
  const opened = openBesideWriters(file, async () => {
    writes = whileOthersOpen(file)?.then(() => log.push('written'));
    await new Promise(setImmediate);
    log.push('opened');
    return 'it';
  });
  expect(await opened).toBe('it');
  await writes;
  expect(log).toEqual(['opened', 'written']);
  expect([existsSync(mark), whileOthersOpen(file)]).toEqual([false, undefined]);
});

test('of several that open one does at a time, also behind one that fails', async () => {
  let opening = 0;
  const open = async (fails: boolean): Promise<void> => {
    expect(++opening).toBe(1);
    await new Promise(setImmediate);
    opening--;
    if (fails) throw new Error('it fails');
  };
  const all = [true, false, true, false].map((fails) =>
    openBesideWriters(file, () => open(fails)).catch(() => 'failed'),
  );
  expect(await Promise.all(all)).toEqual(['failed', undefined, 'failed', undefined]);
  expect(existsSync(mark)).toBe(false);
});

test('a mark that a killed process has left behind holds nobody up', async () => {
  writeFileSync(mark, '');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(mark, longAgo, longAgo);
  expect(whileOthersOpen(file)).toBeUndefined();
  expect(await openBesideWriters(file, () => 'it')).toBe('it');
});

test('a file that is not there is opened without a mark', async () => {
  await rm(file);
  expect(await openBesideWriters(file, () => existsSync(mark))).toBe(false);
});

test('where no mark can be set the file is opened all the same', async () => {
  // With the suffix its name is too long: root, as which tests may run, can write to every folder.
  const longName = join(tmpdir(), 'x'.repeat(250));
  writeFileSync(longName, 'x');
  onTestFinished(() => rm(longName));
  expect(await openBesideWriters(longName, () => 'it')).toBe('it');
});
