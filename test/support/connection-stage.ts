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

/** A connection whose client and whose responder are both the test. */
export const connectionStage = (more: Partial<ConnectionOptions> = {}) => {
  const time = { ms: 1_000_000 };
  const closed: number[] = [];
  const reading: string[] = [];
  const written: Buffer[] = [];
  const errors: Error[] = [];
  const asked = new Map<string, Answer>();
  const order: string[] = [];
  const signals: SigFrame[] = [];

  const ws = Object.assign(new EventEmitter(), {
    close: (code: number) => void closed.push(code),
    pause: () => void reading.push('pause'),
    resume: () => void reading.push('resume'),
  });
  const socket = Object.assign(new EventEmitter(), {
    ...{ writable: true, writableLength: 0, bytesWritten: 0 },
    write: (bytes: Buffer) => void written.push(bytes),
  });
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
    onDropped: () => undefined,
    onError: (error) => errors.push(error),
    ...more,
  });

  /** The client sends frames, or texts or bytes as they are. */
  const send = (...frames: readonly (object | string | Buffer)[]): void => {
    for (const frame of frames) {
      const isText = typeof frame === 'string';
      const bytes = Buffer.isBuffer(frame)
        ? frame
        : Buffer.from(isText ? frame : JSON.stringify(frame));
      ws.emit('message', bytes, Buffer.isBuffer(frame));
    }
  };
  /** What the client was sent since it was last asked. */
  const taken = (): ServerFrame[] =>
    written
      .splice(0)
      .flatMap(received)
      .map((text) => JSON.parse(text) as ServerFrame);

  return { connection, socket, time, send, taken, closed, reading, errors, asked, order, signals };
};

export const hello = { t: 'hello', id: 'h', v: 1, token: 'x' };
