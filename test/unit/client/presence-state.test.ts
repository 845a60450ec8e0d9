import { expect, it } from 'vitest';
import { presenceAfter, presenceState } from '../../../src/client/presence-state.ts';

it('presence only changes for the users in a signal [W17]', () => {
  const before = presenceState({ online: ['a', 'b'], idle: ['c'] });
  const after = presenceAfter(before, { online: ['c'], idle: ['a'], offline: ['b', 'x'] });
  expect([...after]).toEqual([
    ['a', 'idle'],
    ['c', 'online'],
  ]);
});
