import { expect, test, vi } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import type { Answered } from '../../../../src/app/limits/overload.ts';
import type { Problem } from '../../../../src/app/refusals.ts';
import type { RequestFrame } from '../../../../src/http/socket/frames.ts';
import { RequestQueue } from '../../../../src/http/socket/request-queue.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';

const overloaded: Problem = { code: 'unavailable', message: 'busy', retryAfter: 1000 };
const cmd = (id: string): RequestFrame => ({ t: 'cmd', id, op: 'x', d: {} });

const stage = () => {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const refused = new Set<string>();
  const queue = new RequestQueue({
    admit: ({ id }): Answered | Problem =>
      refused.has(id) ? overloaded : () => void log.push(`answered ${id}`),
    refuse: (id, { code }) => void log.push(`${code} ${id}`),
    answer: ({ id }) =>
      new Promise((resolve) => {
        log.push(`begun ${id}`);
        ends.set(id, resolve);
      }),
    onAnswered: () => undefined,
  });
  return { queue, log, ends, refused };
};

test('what is admitted is released when it is answered', async () => {
  const { queue, log, ends } = stage();
  queue.push(cmd('a'));
  queue.push(cmd('b'));
  expect(log).toEqual(['begun a']);
  ends.get('a')?.();
  await settle();
  expect(log).toEqual(['begun a', 'answered a', 'begun b']);
  expect(queue.isPausing).toBe(false);
});

test('what is not begun is released when the connection ends, what is begun when it is answered', async () => {
  const { queue, log, ends } = stage();
  for (const id of ['a', 'b', 'c']) queue.push(cmd(id));
  queue.clear();
  expect(log).toEqual(['begun a', 'answered b', 'answered c']);
  ends.get('a')?.();
  await settle();
  expect(log.slice(3)).toEqual(['answered a']);
});

test('what is refused is answered at once and never begun, and reading pauses for a while [W16]', () => {
  vi.useFakeTimers();
  try {
    const { queue, log, refused } = stage();
    refused.add('b');
    queue.push(cmd('a'));
    queue.push(cmd('b'));
    expect(log).toEqual(['begun a', 'unavailable b']);
    expect([queue.size, queue.isPausing]).toEqual([1, true]);
    vi.advanceTimersByTime(limits.refusedPauseMs - 1);
    expect(queue.isPausing).toBe(true);
    vi.advanceTimersByTime(1);
    expect(queue.isPausing).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
