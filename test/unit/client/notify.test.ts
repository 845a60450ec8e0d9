import { afterEach, expect, it, vi } from 'vitest';
import { notify } from '../../../src/client/notify.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('reports an error of a handler to the platform, and continues', () => {
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
