import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { uuid7 } from '../../src/events/ids.ts';

/** A text as a frame that is masked with zeros, which costs the sender nothing (RFC 6455, section 5.3). */
const zeroMasked = (text: string): Buffer => {
  const length = Buffer.byteLength(text);
  const long = length > 125;
  const frame = Buffer.alloc((long ? 8 : 6) + length);
  frame[0] = 0x81;
  frame[1] = 0x80 | (long ? 126 : length);
  if (long) frame.writeUInt16BE(length, 2);
  frame.write(text, long ? 8 : 6);
  return frame;
};

const lengthIn = (data: Buffer, short: number): number => {
  if (short === 126) return data.readUInt16BE(2);
  return short === 127 ? Number(data.readBigUInt64BE(2)) : short;
};

/** Where the payload of a frame of the server is, if all of it has come. */
const frameAt = (data: Buffer): { readonly begin: number; readonly end: number } | undefined => {
  if (data.length < 2) return undefined;
  const short = (data[1] ?? 0) & 0x7f;
  const begin = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (data.length < begin) return undefined;
  const end = begin + lengthIn(data, short);
  return data.length < end ? undefined : { begin, end };
};

/** How a post was answered, with the `retryAfter` of a refusal. */
export type Answer = {
  readonly isOk: boolean;
  readonly code?: string;
  readonly retryAfter?: number;
};

/** A client that posts as fast as it is told, with little work for each answer, and subscribes to nothing. */
export class Flooder {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #rest: Buffer = Buffer.alloc(0);
  #ids = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => undefined);
  }

  /** Connects and logs in by token. */
  static async open(base: string, token: string): Promise<Flooder> {
    const { hostname, port } = new URL(base);
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.setNoDelay(true);
    socket.write(
      `GET /v1/connect HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    await new Promise<void>((resolve, reject) => {
      let head = '';
      const read = (chunk: Buffer): void => {
        head += chunk.toString('latin1');
        if (!head.includes('\r\n\r\n')) return;
        socket.off('data', read);
        resolve();
      };
      socket.on('data', read);
      socket.once('error', reject);
    });
    const flooder = new Flooder(socket);
    await new Promise<void>((resolve, reject) => {
      flooder.#waiting.set('h', ({ isOk, code }) => (isOk ? resolve() : reject(new Error(code))));
      socket.write(zeroMasked(JSON.stringify({ t: 'hello', id: 'h', v: 1, token })));
    });
    return flooder;
  }

  /** Posts a text; the socket takes it when the server reads. */
  post(s: string, text: string, answered: (answer: Answer) => void): void {
    const id = `${++this.#ids}`;
    this.#waiting.set(id, answered);
    const d = { s, id: uuid7(), text };
    this.#socket.write(zeroMasked(JSON.stringify({ t: 'cmd', id, op: 'post-message', d })));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (let frame = frameAt(data); frame; frame = frameAt(data)) {
      this.#take(data.toString('utf8', frame.begin, frame.end));
      data = data.subarray(frame.end);
    }
    this.#rest = data;
  }

  #take(text: string): void {
    const [, t = '', id = ''] = /^\{"t":"(ok|err)","id":"([^"]*)"/.exec(text) ?? [];
    const answered = this.#waiting.get(id);
    if (answered) {
      this.#waiting.delete(id);
      answered(t === 'ok' ? { isOk: true } : { isOk: false, ...JSON.parse(text) });
    } else if (text.startsWith('{"t":"ping"')) {
      const { n } = JSON.parse(text) as { n: number };
      this.#socket.write(zeroMasked(JSON.stringify({ t: 'pong', n })));
    }
  }
}
