import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../app/limits/limits.ts';
import { monotonic } from '../runtime/clock.ts';
import { clearInterval, setInterval } from '../runtime/timers.ts';

/** The state of a connection's output. */
export type SendState = Pick<Socket, 'writableLength' | 'bytesWritten'> & {
  /** Node's handle. Its queue shrinks while one large chunk is sent, which the socket does not show. */
  readonly _handle?: { readonly writeQueueSize?: number } | null;
};

/** What a client has accepted, and since when that has not changed. */
type Taken = { readonly bytes: number; readonly queued: number; readonly since: number };

/** Finds connections whose clients accept nothing while data is waiting. Times are in ms of a monotonic clock. */
export class SendProgress<Connection extends SendState> {
  readonly #connections = new Map<Connection, Taken>();

  get size(): number {
    return this.#connections.size;
  }

  watch(connection: Connection, now: number): void {
    this.#connections.set(connection, { bytes: 0, queued: 0, since: now });
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** The connections in which data has been waiting for `stalledMs` without progress. */
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
  /** A monotonic clock, in ms. */
  readonly now?: () => number;
  /** Interval of checks, in ms. */
  readonly everyMs?: number;
};

/**
 * Destroys the connections of a server whose clients accept nothing of a response for `stalledMs`, so that its memory
 * is freed. One timer for all. WebSockets have deadlines of their own (W12, W13). Returns a function that stops it.
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
