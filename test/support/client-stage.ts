import { type Client, type ClientOptions, connect } from '../../src/client/client.ts';
import type { State } from '../../src/client/link.ts';
import { type FakeSocket, fakeNetwork } from './fake-socket.ts';
import { settle, type VirtualTime, virtualTime } from './virtual-time.ts';

export const welcome = {
  epoch: 'e1',
  connection: '11111111-1111-4111-8111-111111111111',
  session: { id: '22222222-2222-4222-8222-222222222222' },
  user: { id: '33333333-3333-4333-8333-333333333333', username: 'ada', displayName: 'Ada' },
  ping: 25_000,
  now: 1_700_000_000_000,
  limits: { frame: 65_536, text: 4_000, page: 200 },
};

export type ClientStage = {
  readonly client: Client;
  readonly time: VirtualTime;
  readonly states: State[];
  readonly sockets: readonly FakeSocket[];
  /** The newest socket. */
  socket(): FakeSocket;
  /** Opens the newest socket and answers its hello. */
  greet(more?: object): Promise<FakeSocket>;
  /** Loses the connection, waits for the next attempt and greets it. */
  reconnect(): Promise<FakeSocket>;
};

/** A client on a fake network, with time and chance in the test's hands; the test is the server. */
export const clientStage = (
  options: Partial<ClientOptions> = {},
  time: VirtualTime = virtualTime(),
): ClientStage => {
  const { sockets, WebSocket } = fakeNetwork();
  const states: State[] = [];
  const client = connect({
    url: 'https://chat.example.org/',
    token: 'secret',
    WebSocket,
    surroundings: time,
    onState: (state) => states.push(state),
    ...options,
  });
  const socket = (): FakeSocket => {
    const newest = sockets.at(-1);
    if (!newest) throw new Error('the client has made no socket yet');
    return newest;
  };
  const greet = async (more: object = {}): Promise<FakeSocket> => {
    await settle();
    socket().open();
    socket().say({ t: 'ok', id: 'hello', d: { ...welcome, ...more } });
    await settle();
    return socket();
  };
  const reconnect = async (): Promise<FakeSocket> => {
    socket().shut();
    if (client.state.state === 'waiting') await time.advance(client.state.retryAt - time.now());
    const next = await greet();
    next.sent.splice(
      next.sent.findIndex(({ t }) => t === 'hello'),
      1,
    );
    return next;
  };
  return { client, time, states, sockets, socket, greet, reconnect };
};
