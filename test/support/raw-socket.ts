import { connect, type Socket } from 'node:net';
import { clientFrame } from './client-frame.ts';

const head = (url: URL, from: string): string =>
  [
    'GET /v1/connect HTTP/1.1',
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    `X-Forwarded-For: ${from}`,
    '\r\n',
  ].join('\r\n');

/** A TCP connection that follows no rules, and what it was sent. */
export type RawSocket = {
  readonly socket: Socket;
  /** All that it was sent so far; only kept if asked for. */
  text(): string;
  received(): number;
  isGone(): boolean;
  readonly gone: Promise<void>;
  /** Writes as much as the other side takes until `until` (of `performance.now`); gives how often it wrote. */
  pour(bytes: Buffer, until: number): Promise<number>;
};

/** Connects. What goes wrong later ends the socket and nothing else. */
export const openRaw = (url: string, { keeps = false } = {}): Promise<RawSocket> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    let text = '';
    let received = 0;
    let isGone = false;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (keeps) text += bytes.toString('latin1');
    });
    const gone = new Promise<void>((done) => {
      socket.once('close', () => {
        isGone = true;
        done();
      });
    });
    const drained = (): Promise<unknown> =>
      Promise.race([gone, new Promise((done) => socket.once('drain', done)), pause(200)]);
    const pour = async (bytes: Buffer, until: number): Promise<number> => {
      let times = 0;
      while (performance.now() < until && !isGone && socket.writable) {
        times++;
        if (!socket.write(bytes)) await drained();
        else if (times % 16 === 0) await pause(0);
      }
      return times;
    };
    const raw = { socket, gone, pour, text: () => text, received: () => received };
    socket.once('connect', () => resolve({ ...raw, isGone: () => isGone }));
    gone.then(() => resolve({ ...raw, isGone: () => true })).catch(() => undefined);
  });

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Connects and asks for the WebSocket, as if from an address behind a proxy. */
export const openUpgraded = async (url: string, from: string): Promise<RawSocket> => {
  const raw = await openRaw(url, { keeps: true });
  raw.socket.write(head(new URL(url), from));
  while (!raw.text().includes('\r\n\r\n') && !raw.isGone()) await pause(2);
  return raw;
};

/** A frame that holds JSON. */
export const jsonFrame = (value: unknown): Buffer => clientFrame(JSON.stringify(value));

/** Connects and says hello. */
export const openGreeted = async (
  url: string,
  { token, from }: { readonly token: string; readonly from: string },
): Promise<RawSocket> => {
  const raw = await openUpgraded(url, from);
  raw.socket.write(jsonFrame({ t: 'hello', id: 'h', v: 1, token }));
  while (!raw.text().includes('"connection"') && !raw.isGone()) await pause(2);
  return raw;
};

/** Many addresses of clients, as a proxy names them. */
export const addressOf = (index: number): string =>
  `10.${40 + (index % 100)}.${(index >> 8) & 255}.${index & 255}`;
