import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';

const mask = randomBytes(4);

/** A text as a masked frame, as clients send them (RFC 6455, section 5.3). */
const maskedFrame = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const long = payload.length > 125;
  const frame = Buffer.alloc((long ? 4 : 2) + 4 + payload.length);
  frame[0] = 0x81;
  frame[1] = 0x80 | (long ? 126 : payload.length);
  if (long) frame.writeUInt16BE(payload.length, 2);
  const at = long ? 4 : 2;
  mask.copy(frame, at);
  for (const [index, byte] of payload.entries()) {
    frame[at + 4 + index] = byte ^ (mask[index & 3] ?? 0);
  }
  return frame;
};

const ping = Buffer.from('"t":"ping"');
/** The server takes any frame as a sign of life. */
const pong = maskedFrame(JSON.stringify({ t: 'pong', n: 0 }));

type Beginning = {
  readonly frames: readonly string[];
  readonly until: string;
  readonly times?: number;
};

/**
 * A client that costs next to nothing: a plain TCP socket that has said what a WebSocket client says, and counts
 * how often a text comes, without taking frames apart. The text must not occur in what it does not count.
 */
export class Listener {
  counted = 0;
  onCounted: (() => void) | undefined;
  readonly #socket: Socket;
  readonly #needle: Buffer;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, needle: string) {
    this.#socket = socket;
    this.#needle = Buffer.from(needle);
    socket.on('data', (chunk: Buffer) => this.#count(chunk));
    socket.on('error', () => undefined);
  }

  /** Connects, sends these frames, and resolves when a text that ends the beginning has come so many times. */
  static async open(
    url: string,
    { frames, until, times = 1, needle }: Beginning & { readonly needle: string },
  ): Promise<Listener> {
    const { hostname, port, pathname } = new URL(url);
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.setNoDelay(true);
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    for (const frame of frames) socket.write(maskedFrame(frame));
    let text = '';
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        if (text.split(until).length <= times) return;
        socket.off('data', read);
        resolve();
      };
      socket.on('data', read);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error(`closed: ${text.slice(0, 300)}`)));
    });
    return new Listener(socket, needle);
  }

  send(frame: string): void {
    this.#socket.write(maskedFrame(frame));
  }

  close(): void {
    this.#socket.destroy();
  }

  #count(chunk: Buffer): void {
    if (chunk.includes(ping)) this.#socket.write(pong);
    const needle = this.#needle;
    const reach = needle.length - 1;
    if (this.#rest.length > 0) {
      const seam = Buffer.concat([this.#rest, chunk.subarray(0, reach)]);
      if (seam.includes(needle)) this.counted++;
    }
    let from = 0;
    for (let at = chunk.indexOf(needle); at >= 0; at = chunk.indexOf(needle, from)) {
      this.counted++;
      from = at + needle.length;
    }
    const tail = chunk.subarray(Math.max(from, chunk.length - reach));
    const isSplit = chunk.length < reach && from === 0;
    this.#rest = Buffer.from(isSplit ? Buffer.concat([this.#rest, tail]).subarray(-reach) : tail);
    this.onCounted?.();
  }
}

/** What occurs once in each event of a message. */
export const needle = '"message-posted"';

/** Logs in to Oshi by token, subscribes to a stream, and counts its messages. */
export const listen = (url: string, token: string, s: string): Promise<Listener> =>
  Listener.open(`${url}/v1/connect`, {
    frames: [
      JSON.stringify({ t: 'hello', id: 'h', v: 1, token }),
      JSON.stringify({ t: 'sub', id: 's', s, last: 0 }),
    ],
    until: '"t":"live"',
    needle,
  });

/** The subscription to an event stream, from its newest messages, or from where it was left. */
export type From = { readonly s: string; readonly last: 0 } | Resumed;
type Resumed = { readonly s: string; readonly after: number; readonly epoch: string };

export const newest = (names: readonly string[]): From[] => names.map((s) => ({ s, last: 0 }));

/** Logs in to Oshi by token, subscribes to streams, and counts the messages that come once all of them are live. */
export const visit = (url: string, token: string, from: readonly From[]): Promise<Listener> =>
  Listener.open(`${url}/v1/connect`, {
    frames: [
      JSON.stringify({ t: 'hello', id: 'h', v: 1, token }),
      ...from.map((each, at) => JSON.stringify({ t: 'sub', id: `${at}`, ...each })),
    ],
    until: '"t":"live"',
    times: from.length,
    needle,
  });
