import { setup } from 'xstate';

/** The transitions of a circle's lifecycle. Commands are none: they go to the inboxes, in every state. */
export type CircleSignal =
  | { readonly type: 'loaded' }
  | { readonly type: 'drain' }
  | { readonly type: 'drained' }
  /** Another writer was found, or the log could not be read: this one must stop. */
  | { readonly type: 'fence' };

/** The lifecycle of a running circle: `loading → active → draining → stopped`, or `fenced` from anywhere. */
export const circleMachine = setup({ types: { events: {} as CircleSignal } }).createMachine({
  id: 'circle',
  initial: 'loading',
  on: { fence: '.fenced' },
  states: {
    loading: { on: { loaded: 'active', drain: 'draining' } },
    active: { on: { drain: 'draining' } },
    draining: { on: { drained: 'stopped' } },
    stopped: { type: 'final' },
    fenced: { type: 'final' },
  },
});
