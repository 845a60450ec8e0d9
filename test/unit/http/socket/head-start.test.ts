import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { HeadStart } from '../../../../src/http/socket/head-start.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what follows a read waits for it, but not for long, and not behind one that is late', () => {
  const headStart = new HeadStart();
  const begun: string[] = [];
  const begin = (name: string) => headStart.begin(() => void begun.push(name));

  begin('behind a fast one')();
  vi.advanceTimersByTime(limits.readHeadStartMs);
  expect(begun).toEqual([]);

  const answered = begin('behind a slow one');
  vi.advanceTimersByTime(limits.readHeadStartMs - 1);
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(begun).toEqual(['behind a slow one']);
  begin('without a wait')();
  expect(begun).toEqual(['behind a slow one', 'without a wait']);

  answered();
  begin('after it was answered');
  expect(begun).toHaveLength(2);
  vi.advanceTimersByTime(limits.readHeadStartMs);
  expect(begun).toHaveLength(3);
});
