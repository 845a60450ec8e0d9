import { setup } from 'xstate';

export type ConnectionSignal =
  /** The client has logged in with `hello`. */
  | { readonly type: 'greeted' }
  /** It is about to be closed: no more frames are accepted, pending ones are sent. */
  | { readonly type: 'drain' }
  /** The socket has closed. */
  | { readonly type: 'gone' };

/** The lifecycle of a connection: `greeting → open → draining → closed`; the socket may close at any time. */
export const connectionMachine = setup({ types: { events: {} as ConnectionSignal } }).createMachine(
  {
    id: 'connection',
    initial: 'greeting',
    on: { gone: '.closed' },
    states: {
      greeting: { on: { greeted: 'open', drain: 'draining' } },
      open: { on: { drain: 'draining' } },
      draining: {},
      closed: { type: 'final' },
    },
  },
);
