import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../app/limits/limits.ts';
import { monotonic } from '../runtime/clock.ts';
import { clearInterval, setInterval } from '../runtime/timers.ts';

/** What can be seen of a connection's way out. */
export type SendState = Pick<Socket, 'writableLength' | 'bytesWritten'> & {
  /** Node's own handle. Its queue shrinks while one large piece is being sent, of which the socket shows nothing. */
  readonly _handle?: { readonly writeQueueSize?: number } | null;
};

/** How far a connection's client has come, and since when. */
type Taken = { readonly bytes: number; readonly queued: number; readonly since: number };

/**
 * Finds connections whose clients take nothing of what waits for them. Times are in ms of a clock that only goes
 * forward.
 */
export class SendProgress<Connection extends SendState> {
  readonly #connections = new Map<Connection, Taken>();

  /** How many connections are watched. */
  get size(): number {
    return this.#connections.size;
  }

  watch(connection: Connection, now: number): void {
    this.#connections.set(connection, { bytes: 0, queued: 0, since: now });
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** The connections in which data has waited for `stalledMs` and nothing has moved. */
  stalled(now: number): Connection[] {
    const found: Connection[] = [];
    for (const [connection, taken] of this.#connections) {
      const { writableLength: waiting, bytesWritten, _handle: handle } = connection;
      const [bytes, queued] = [bytesWritten - waiting, handle?.writeQueueSize ?? 0];
      if (waiting === 0 || bytes !== taken.bytes || queued !== taken.queued) {
        this.#connections.set(connection, { bytes, queued, since: now });
      } else if (now - taken.since >= limits.stalledMs) {
        found.push(connection);
      }
    }
    return found;
  }
}

export type DestroyOptions = {
  /** Ms of a clock that only goes forward. */
  readonly now?: () => number;
  /** Ms between two looks at the connections. */
  readonly everyMs?: number;
};

/**
 * Destroys the connections of a server whose clients take nothing of an answer for `stalledMs`, so that what the
 * answer holds is free again: one timer for all. What has become a WebSocket has deadlines of its own (W12, W13).
 * Gives what ends it.
 */
export const destroyStalled = (
  server: Server,
  { now = monotonic, everyMs = 5000 }: DestroyOptions = {},
): (() => void) => {
  const progress = new SendProgress<Socket>();
  const timer = setInterval(() => {
    for (const socket of progress.stalled(now())) socket.destroy();
  }, everyMs).unref();
  server.on('connection', (socket: Socket) => {
    progress.watch(socket, now());
    socket.once('close', () => progress.forget(socket));
  });
  server.on('upgrade', (_request, socket) => progress.forget(socket as Socket));
  return () => clearInterval(timer);
};
