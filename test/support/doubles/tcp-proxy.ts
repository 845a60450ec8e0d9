import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server on 127.0.0.1 and does what networks do. */
export type TcpProxy = {
  readonly port: number;
  /** Bytes that were thrown away so far. */
  readonly swallowed: number;
  /** Throws away what the server sends from now on, until the connections are cut. */
  swallowReplies(): void;
  /** Throws away what clients send from now on, until the connections are cut. */
  swallowRequests(): void;
  /** Breaks all connections; new ones work again, unless refused. */
  cut(): void;
  /** Whether new connections are broken at once. */
  refuse(refused: boolean): void;
  /** Passes bytes on only so many ms after they came. */
  delay(ms: number): void;
  close(): Promise<void>;
};

/** A proxy to a port of this machine, on a port of its own. */
export const tcpProxy = async (target: number): Promise<TcpProxy> => {
  const sockets = new Set<Socket>();
  const state = { replies: true, requests: true, refused: false, delayMs: 0, swallowed: 0 };

  const pass = (from: Socket, to: Socket, direction: 'replies' | 'requests'): void => {
    sockets.add(from);
    const end = (): void => {
      sockets.delete(from);
      from.destroy();
      to.destroy();
    };
    from.on('error', end);
    from.on('close', end);
    // In the order in which they came, also when the delay has become shorter meanwhile.
    const delayed: Buffer[] = [];
    const passOldest = (): void => {
      const bytes = delayed.shift();
      if (bytes && to.writable) to.write(bytes);
    };
    from.on('data', (bytes) => {
      if (!state[direction]) {
        state.swallowed += bytes.length;
        return;
      }
      delayed.push(bytes);
      if (state.delayMs === 0 && delayed.length === 1) passOldest();
      else setTimeout(passOldest, state.delayMs);
    });
  };

  const server = createServer((client) => {
    client.setNoDelay(true);
    if (state.refused) {
      client.on('error', () => {});
      client.destroy();
      return;
    }
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
    pass(client, upstream, 'requests');
    pass(upstream, client, 'replies');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('a listener without a port');

  const cut = (): void => {
    for (const socket of [...sockets]) socket.destroy();
    state.replies = true;
    state.requests = true;
  };
  return {
    port: address.port,
    get swallowed() {
      return state.swallowed;
    },
    swallowReplies: () => {
      state.replies = false;
    },
    swallowRequests: () => {
      state.requests = false;
    },
    cut,
    refuse: (refused) => {
      state.refused = refused;
    },
    delay: (ms) => {
      state.delayMs = ms;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
};
