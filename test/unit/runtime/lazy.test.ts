import { expect, it, vi } from 'vitest';
import { lazy } from '../../../src/runtime/lazy.ts';

it('makes a value once, when it is first asked for, even undefined', () => {
  const make = vi.fn(() => undefined);
  const made = lazy(make);
  expect(make).not.toHaveBeenCalled();
  expect([made(), made()]).toEqual([undefined, undefined]);
  expect(make).toHaveBeenCalledOnce();
});
