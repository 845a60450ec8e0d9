import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { ConnectionActor } from '../../src/actors/connection/actor.ts';
import type { ConnectionId } from '../../src/events/ids.ts';
import {
  Connection,
  type ConnectionOptions,
  type Responder,
} from '../../src/http/socket/connection.ts';
import type { SigFrame } from '../../src/http/socket/frames.ts';
import { numbered } from './chatter.ts';
import { clientFrame, serverReceiver } from './client-frame.ts';
import { caller } from './edge-stage.ts';
import { received } from './received.ts';

type Answer = { ok(d?: object): void; refuse(error: unknown): void; next(): void };

/** What a socket has been sent, as its client reads it. */
export type ServerFrame = {
  readonly t: string;
  readonly id?: string;
  readonly code?: string | number;
  readonly field?: string;
};

type Told = {
  readonly closed: number[];
  readonly ended: string[];
  readonly reading: string[];
  readonly written: Buffer[];
};

/** A socket, and what the WebSocket library makes of it. */
const fakeSocket = ({ closed, ended, reading, written }: Told) => {
  const ws = Object.assign(new EventEmitter(), {
    close: (code: number) => void closed.push(code),
    terminate: () => void ended.push('terminate'),
    pause: () => void reading.push('pause'),
    resume: () => void reading.push('resume'),
  });
  const socket = Object.assign(new EventEmitter(), {
    ...{ writable: true, writableLength: 0, bytesWritten: 0, destroyed: false },
    write: (bytes: Buffer) => void written.push(bytes),
    end: () => void ended.push('end'),
  });
  const receiver = serverReceiver((data, isBinary) => ws.emit('message', data, isBinary));
  socket.on('data', (bytes: Buffer) => receiver.write(bytes));
  return { ws, socket };
};

/** A connection whose client and whose responder are both the test. */
export const connectionStage = (more: Partial<ConnectionOptions> = {}) => {
  const time = { ms: 1_000_000 };
  const closed: number[] = [];
  const reading: string[] = [];
  const written: Buffer[] = [];
  const errors: Error[] = [];
  /** How the socket was ended: in order, or cut. */
  const ended: string[] = [];
  const asked = new Map<string, Answer>();
  const order: string[] = [];
  const signals: SigFrame[] = [];

  const { ws, socket } = fakeSocket({ closed, ended, reading, written });
  const responder: Responder = {
    greet: async () => ({ caller: caller(1), d: { user: 'ada' } }),
    respond: (connection, frame, next) =>
      new Promise((resolve, reject) => {
        order.push(frame.id);
        asked.set(frame.id, {
          ok: (d) => {
            connection.ok(frame.id, d);
            resolve();
          },
          refuse: reject,
          next,
        });
      }),
    signal: (_connection, frame) => void signals.push(frame),
  };
  const now = () => time.ms;
  const id = numbered(1) as ConnectionId;
  const recorder = { record: () => undefined, flush: async () => undefined };
  const connection = new Connection({
    ...{ id, responder, now, rateLimits: true },
    ws: ws as unknown as ConnectionOptions['ws'],
    socket: socket as unknown as Socket,
    upgrade: { address: '::1', userAgent: undefined, cookie: undefined },
    actor: new ConnectionActor({ id, address: '::1', userAgent: undefined, recorder, now }),
    onGreeted: () => undefined,
    onDropped: () => undefined,
    onGone: () => undefined,
    scheduleCleanup: (run) => run(),
    onError: (error) => errors.push(error),
    ...more,
  });

  /** The client sends bytes as they are. */
  const sendBytes = (bytes: Buffer): void => void socket.emit('data', bytes);
  /** The socket is gone. */
  const lose = (code = 1006): void => void ws.emit('close', code);
  /** The client sends frames: objects, texts, or binary ones. */
  const send = (...frames: readonly (object | string | Buffer)[]): void => {
    for (const frame of frames) {
      const isText = typeof frame === 'string';
      const bytes = Buffer.isBuffer(frame)
        ? frame
        : Buffer.from(isText ? frame : JSON.stringify(frame));
      sendBytes(clientFrame(bytes, { opcode: Buffer.isBuffer(frame) ? 2 : 1 }));
    }
  };
  /** What the client was sent since it was last asked. */
  const taken = (): ServerFrame[] =>
    written
      .splice(0)
      .flatMap(received)
      .map((text) => JSON.parse(text) as ServerFrame);

  const told = { closed, ended, reading, errors, asked, order, signals };
  return { connection, socket, time, send, sendBytes, lose, taken, ...told };
};

export const hello = { t: 'hello', id: 'h', v: 1, token: 'x' };
