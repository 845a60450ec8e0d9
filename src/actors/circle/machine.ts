import { setup } from 'xstate';

export type CircleSignal =
  | { readonly type: 'drain' }
  | { readonly type: 'drained' }
  /** Another writer was found, or the log could not be read: this one must stop. */
  | { readonly type: 'lose' };

/**
 * The lifecycle of a running circle: `owned → draining → stopped`, or `lost` from anywhere. Its tag decides whether
 * commands are accepted.
 */
export const circleMachine = setup({
  types: { events: {} as CircleSignal, tags: {} as 'accepting' },
}).createMachine({
  id: 'circle',
  initial: 'owned',
  on: { lose: '.lost' },
  states: {
    owned: { tags: 'accepting', on: { drain: 'draining' } },
    draining: { on: { drained: 'stopped' } },
    stopped: { type: 'final' },
    lost: { type: 'final' },
  },
});
