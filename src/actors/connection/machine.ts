import { setup } from 'xstate';

/** What moves a connection's lifecycle. */
export type ConnectionSignal =
  /** The client has said hello and is known. */
  | { readonly type: 'greeted' }
  /** A close was decided on: no more frames are taken, what is owed is sent. */
  | { readonly type: 'drain' }
  /** The socket is gone. */
  | { readonly type: 'gone' };

/** The lifecycle of a connection: `greeting → open → draining → closed`; a socket may be gone at any time. */
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
