import WebSocket, { type ClientOptions } from 'ws';
import type { StreamEvent } from '../../src/client/frames.ts';
import type { Me } from '../../src/client/objects.ts';
import type { AnswerBody } from './server-people.ts';

/** What frames from the server may hold; each holds a part of it. */
export type ServerFrame = { readonly t: string } & Partial<{
  id: string;
  s: string;
  n: number;
  e: StreamEvent[];
  d: AnswerBody & Partial<{ epoch: string; connection: string; ping: number; now: number }>;
  code: string | number;
  field: string;
  message: string;
  retryAfter: number;
  why: string;
  reason: string;
  me: Me;
  after: number;
}> &
  Omit<AnswerBody, 'code' | 'message' | 'd'>;

export type Closing = { readonly code: number; readonly reason: string };

/** A socket that shows every frame that it has heard, in order. Sends what it is told, however wrong that is. */
export class TestSocket {
  readonly frames: ServerFrame[] = [];
  /** Resolves with the close code; 1006 if the connection was lost. */
  readonly closed: Promise<Closing>;
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #closing: Closing | undefined;
  #ids = 0;

  constructor(url: string, options: ClientOptions = {}) {
    const address = `${url.replace(/^http/, 'ws')}/v1/connect`;
    this.socket = new WebSocket(address, ['oshi.v1'], { perMessageDeflate: false, ...options });
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as ServerFrame);
      this.#look();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.#closing = { code, reason: reason.toString() };
        resolve(this.#closing);
        this.#look();
      });
    });
  }

  /** Connects, and says nothing. */
  static async open(url: string, options?: ClientOptions): Promise<TestSocket> {
    const made = new TestSocket(url, options);
    await new Promise<void>((resolve, reject) => {
      made.socket.once('open', resolve);
      made.socket.once('error', reject);
    });
    return made;
  }

  /** Connects and says hello. */
  static async greet(url: string, { token }: { readonly token: string }): Promise<TestSocket> {
    const made = await TestSocket.open(url);
    const answer = await made.ask({ t: 'hello', v: 1, token });
    if (answer.t !== 'ok') throw new Error(`hello: ${JSON.stringify(answer)}`);
    return made;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Sends a request under an id of its own; resolves with its `ok` or `err`, rejects if the socket is closed. */
  ask(frame: object): Promise<ServerFrame> {
    const id = `q${++this.#ids}`;
    this.send({ id, ...frame });
    return this.until((answer) => answer.id === id && (answer.t === 'ok' || answer.t === 'err'));
  }

  /** A command. */
  command(op: string, d: object, more: object = {}): Promise<ServerFrame> {
    return this.ask({ t: 'cmd', op, d, ...more });
  }

  /** Subscribes and resolves with everything of that stream from its `ok` to its `live`. */
  async subscribe(s: string, more: object = {}): Promise<ServerFrame[]> {
    const id = `sub${++this.#ids}`;
    this.send({ t: 'sub', id, s, ...more });
    const answer = await this.until((frame) => frame.id === id);
    if (answer.t === 'err') return [answer];
    const from = this.frames.indexOf(answer);
    const live = await this.until((frame) => frame.t === 'live' && frame.s === s, from);
    const upTo = this.frames.indexOf(live);
    return this.frames.slice(from, upTo + 1).filter((frame) => frame === answer || frame.s === s);
  }

  /** The first frame that fits, from a place on; waits for it. */
  until(fits: (frame: ServerFrame) => boolean, from = 0): Promise<ServerFrame> {
    return new Promise((resolve, reject) => {
      let at = from;
      const check = (): void => {
        for (; at < this.frames.length; at++) {
          const frame = this.frames[at];
          if (!(frame && fits(frame))) continue;
          this.#waiting.delete(check);
          resolve(frame);
          return;
        }
        if (!this.#closing) return;
        this.#waiting.delete(check);
        reject(new Error(`closed ${this.#closing.code} ${this.#closing.reason}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The event number `n` of an event stream; waits for it. */
  async event(s: string, n: number): Promise<StreamEvent> {
    const found = ({ s: of, e = [] }: ServerFrame) =>
      of === s ? e.find((event) => event.n === n) : undefined;
    const event = found(await this.until((frame) => found(frame) !== undefined));
    if (!event) throw new Error(`event ${n} is gone`);
    return event;
  }

  /** All events of an event stream that were heard, in order. */
  events(s: string): StreamEvent[] {
    return this.frames.flatMap((frame) => (frame.s === s ? (frame.e ?? []) : []));
  }

  /** Resolves when the server has taken everything that was sent before: it has answered what came after. */
  async settled(): Promise<void> {
    await this.ask({ t: 'unsub', s: 'me' });
  }

  close(): void {
    this.socket.close();
  }

  /** Loses the connection without a word. */
  cut(): void {
    this.socket.terminate();
  }

  #look(): void {
    for (const check of [...this.#waiting]) check();
  }
}
