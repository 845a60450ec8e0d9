import { afterEach, expect, it, vi } from 'vitest';
import { notify } from '../../../src/client/notify.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('hands what a handler throws to the platform, and goes on', () => {
  const later: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (run: () => void) => later.push(run));
  notify(() => {
    throw new Error('of the handler');
  }, 1);
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow('of the handler');
});

it('needs no handler', () => {
  notify(undefined, 1);
});
