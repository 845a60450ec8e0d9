import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { AppendFailure } from '../../../src/events/log.ts';
import { appendTrouble } from '../../../src/monitoring/append-trouble.ts';
import { watchSpace } from '../../../src/monitoring/space.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Bytes = number | undefined | 'away';

/** A server with a reserve of 2 MiB on volumes with so many free bytes. */
const stage = async (free: Bytes[], reserveBytes = 2 * mebibyte) => {
  const lines: string[] = [];
  const time = { ms: 0 };
  const trouble = appendTrouble(() => time.ms);
  const volumes = free.map((_, index) => ({
    name: `disk ${index}`,
    freeBytes: async () => {
      const bytes = free[index];
      if (bytes === 'away') throw new Error('it does not answer');
      return bytes;
    },
  }));
  const space = await watchSpace({
    ...{ volumes, reserveBytes, trouble },
    onChange: (line) => lines.push(line),
  });
  onTestFinished(() => space.stop());
  const measured = () => vi.advanceTimersByTimeAsync(5000);
  const isRefusing = () => space.shortage() !== undefined;
  return { space, trouble, time, lines, measured, isRefusing };
};

const mebibyte = 1024 ** 2;
const noRoom = new AppendFailure('full', 'no room', { remedy: 'free space' });

test('below the reserve content is refused, until a quarter more than the reserve is free', async () => {
  const free: Bytes[] = [10 * mebibyte];
  const { space, lines, measured, isRefusing } = await stage(free);
  const seen: [Bytes, boolean][] = [];
  const sizes = [2, 1.99, 2, 2.49, 2.5, 2, 1, 0, 3].map((mebibytes) => mebibytes * mebibyte);
  for (const bytes of sizes) {
    free[0] = bytes;
    await measured();
    seen.push([bytes / mebibyte, isRefusing()]);
    expect(space.freeBytes()).toBe(bytes);
  }
  expect(seen).toEqual([
    [2, false],
    [1.99, true],
    [2, true],
    [2.49, true],
    [2.5, false],
    [2, false],
    [1, true],
    [0, true],
    [3, false],
  ]);
  const begun =
    'New content is refused: disk 0 has 1 MiB of free space, and 3 MiB are needed (OSHI_DISK_RESERVE=2): free space or enlarge it.';
  const over = 'New content is accepted again.';
  expect(lines).toEqual([begun, over, begun, over]);
});

test('one volume without space is enough, and the start finds it; one line is for the start', async () => {
  const free: Bytes[] = [1000 * mebibyte, mebibyte];
  const { space, lines, measured } = await stage(free);
  expect(space.shortage()).toContain('disk 1');
  await measured();
  expect(lines).toEqual([]);
  expect(space.freeBytes()).toBe(mebibyte);
});

test('what is unknown refuses nothing; what does not answer keeps its last state', async () => {
  const free: Bytes[] = [undefined, 'away'];
  const { space, measured, isRefusing } = await stage(free);
  expect([isRefusing(), space.freeBytes()]).toEqual([false, Number.NaN]);
  free[1] = 0;
  await measured();
  free[1] = 'away';
  await measured();
  expect([isRefusing(), space.freeBytes()]).toEqual([true, 0]);
  free[1] = undefined;
  await measured();
  expect([isRefusing(), space.freeBytes()]).toEqual([false, Number.NaN]);
});

test('a full log refuses content immediately, until an append succeeds or 30 s have passed', async () => {
  const { trouble, time, lines, measured, isRefusing } = await stage([undefined]);
  trouble.failed(noRoom);
  expect(isRefusing()).toBe(true);
  await measured();
  trouble.appended();
  expect(isRefusing()).toBe(false);
  await measured();
  expect(lines).toEqual(['New content is refused: free space.', 'New content is accepted again.']);
  trouble.failed(noRoom);
  time.ms += 30_001;
  expect(isRefusing()).toBe(false);
  trouble.failed(new AppendFailure('unavailable', 'it stores nothing', { remedy: 'restart it' }));
  expect(isRefusing()).toBe(false);
});

test('without a reserve nothing is refused', async () => {
  const { space, trouble, isRefusing } = await stage([0], 0);
  trouble.failed(noRoom);
  expect([isRefusing(), space.freeBytes()]).toEqual([false, 0]);
});
